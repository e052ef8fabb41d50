import type { TicketSummary } from './types'
import type { Urgency } from './waiting'

/** What the list is narrowed to; empty is everything that is not closed. */
export interface TicketFilter {
  state: string
  kind: string
  profile: string
  /** `me`, `none` or a number of the staff. */
  assigned: string
  due: '' | 'overdue' | 'soon'
  words: string
}

export const EVERYTHING: TicketFilter = { state: '', kind: '', profile: '', assigned: '', due: '', words: '' }

export const TICKET_STATES = [
  { value: '', title: '未结束' },
  { value: 'open', title: '待处理' },
  { value: 'in_progress', title: '处理中' },
  { value: 'answered', title: '已答复' },
  { value: 'closed', title: '已关闭' },
] as const

export const TICKET_TONES = { open: 'warn', in_progress: 'brand', answered: 'good', closed: '' } as const

export const TICKET_KINDS = [
  { value: 'complaint', title: '投诉' },
  { value: 'appeal', title: '申诉' },
  { value: 'intervention', title: '平台介入申请' },
  { value: 'technical', title: '技术问题' },
  { value: 'feedback', title: '意见反馈' },
  { value: 'fraud', title: '举报' },
  { value: 'service', title: '服务申请' },
  { value: 'callback', title: '回电预约' },
] as const

/** The filter as the API's query. */
export function asked(filter: TicketFilter): Record<string, string> {
  const { state, kind, profile, assigned, due, words } = filter
  return {
    state,
    kind,
    profile,
    assigned_to: assigned,
    overdue: due === 'overdue' ? 'true' : '',
    due_soon: due === 'soon' ? 'true' : '',
    q: words.trim(),
  }
}

/** How pressing the promised time is at `now` (milliseconds); what is answered presses no more. */
export function dueUrgency(ticket: TicketSummary, now: number): Urgency {
  if (ticket.state === 'answered' || ticket.state === 'closed') return 'calm'
  if (ticket.overdue || new Date(ticket.due_at).getTime() <= now) return 'late'
  return ticket.due_soon ? 'soon' : 'calm'
}

/** 超期 2 小时 / 剩 35 分钟, where it presses; else empty. */
export function dueText(ticket: TicketSummary, now: number): string {
  const left = Math.ceil((new Date(ticket.due_at).getTime() - now) / 60_000)
  const urgency = dueUrgency(ticket, now)
  if (urgency === 'late') return `超期 ${lengthText(-left)}`
  return urgency === 'soon' ? `剩 ${lengthText(left)}` : ''
}

function lengthText(minutes: number): string {
  if (minutes < 60) return `${Math.max(1, minutes)} 分钟`
  if (minutes < 1440) return `${Math.floor(minutes / 60)} 小时`
  return `${Math.floor(minutes / 1440)} 天`
}
