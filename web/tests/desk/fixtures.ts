import type { ChatMessage, StoredEvent } from '../../common/types'
import type { Detail, InboxLists, StaffUser, Summary } from '../../desk/types'

export const USER: StaffUser = { staff_id: 7, username: 'xiaoli', name: '小李', roles: { demo: ['agent'] } }
export const NOON = Date.UTC(2026, 10, 22, 4)
export const at = (seconds: number) => new Date(NOON + seconds * 1000).toISOString()

export function message(seq: number, from: ChatMessage['from'], text: string, more: Partial<ChatMessage> = {}): ChatMessage {
  return { seq, at: at(seq), type: 'message', from, text, ...more }
}

export function summary(id: string, more: Partial<Summary> = {}): Summary {
  return {
    conversation_id: id,
    profile: 'demo',
    shopper_name: `顾客${id}`,
    state: 'assigned',
    reason: 'requested',
    waiting_since: null,
    last_text: '在吗',
    last_from: 'shopper',
    last_at: at(0),
    unread: 0,
    note: null,
    assigned_to: USER.staff_id,
    agent_name: '小李',
    sla: null,
    ...more,
  }
}

export function detail(id: string, events: StoredEvent[], more: Partial<Detail> = {}): Detail {
  return { ...summary(id), events, last_seq: events.at(-1)?.seq ?? 0, read_up_to: 0, notes: [], ...more }
}

export function lists(more: Partial<InboxLists> = {}): InboxLists {
  const presence = { status: 'online' as const, capacity: 6, load: 0, groups: [], lease_until: null }
  return { presence, mine: [], queue: [], invited: [], colleagues: [], ...more }
}
