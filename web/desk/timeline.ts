import type { Outgoing } from '../common/outbox'
import type { Talk } from '../common/talk'
import type { ChatMessage, RatingGiven } from '../common/types'
import type { Note } from './types'

/** What the log shows, top to bottom. `key` stays the same while a message travels. */
export type Entry =
  | { kind: 'day'; key: string; at: string }
  /** `first`: the first in a row by the same person, which carries name and time. */
  | { kind: 'message'; key: string; message: ChatMessage; first: boolean }
  | { kind: 'outgoing'; key: string; message: Outgoing; first: boolean }
  | { kind: 'note'; key: string; note: Note }
  | { kind: 'line'; key: string; at: string; text: string }
  | { kind: 'rating'; key: string; rating: RatingGiven }

const STATE_LINES = { bot: '智能客服接待', waiting: '顾客排队等待人工', assigned: '人工接待', closed: '会话结束' }
const TOGETHER = 3 * 60_000
const DAY = new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai' })

/** The log's entries, oldest first: days, what was said, what colleagues noted, what is on its way. */
export function timeline(talk: Talk, notes: readonly Note[], outgoing: readonly Outgoing[]): Entry[] {
  const entries: Entry[] = []
  const shown = new Set<string>()
  const pending = [...notes]
  let day = ''
  let last: { who: string; at: number } | null = null

  const onDay = (at: string, key: string) => {
    const date = DAY.format(new Date(at))
    if (date === day) return
    day = date
    last = null
    entries.push({ kind: 'day', key: `d${key}`, at })
  }
  const note = (one: Note) => {
    onDay(one.at, `n${one.note_id}`)
    last = null
    entries.push({ kind: 'note', key: `n${one.note_id}`, note: one })
  }

  for (const [index, event] of talk.events.entries()) {
    while (pending[0] && pending[0].at < event.at) note(pending.shift() as Note)
    if (event.type === 'message') {
      onDay(event.at, String(event.seq))
      const who = `${event.from} ${event.name ?? ''}`
      const at = new Date(event.at).getTime()
      const first: boolean = last?.who !== who || at - last.at > TOGETHER
      last = event.from === 'system' ? null : { who, at }
      if (event.client_message_id) shown.add(event.client_message_id)
      entries.push({ kind: 'message', key: event.client_message_id ?? `m${event.seq}`, message: event, first })
    } else if (event.type === 'rating') {
      last = null
      entries.push({ kind: 'rating', key: `r${event.seq}`, rating: event })
    } else if (event.type === 'state' && !explained(talk, index)) {
      last = null
      entries.push({ kind: 'line', key: `s${event.seq}`, at: event.at, text: STATE_LINES[event.state] })
    }
  }
  for (const one of pending) note(one)
  for (const message of outgoing) {
    if (shown.has(message.id)) continue
    entries.push({ kind: 'outgoing', key: message.id, message, first: last?.who !== 'outgoing' })
    last = { who: 'outgoing', at: 0 }
  }
  return entries
}

// The desk says most changes of state in words of its own, right beside the event.
function explained(talk: Talk, index: number): boolean {
  return [talk.events[index - 1], talk.events[index + 1]].some((event) => event?.type === 'message' && event.from === 'system')
}
