import type { Talk } from '../common/talk'
import type { ChatMessage, ConversationState } from '../common/types'
import type { Outgoing } from './outbox'

/** What the log shows, top to bottom. `key` stays the same while a message travels. */
export type Entry =
  | { kind: 'time'; key: string; at: string }
  | { kind: 'message'; key: string; message: ChatMessage; live: boolean }
  | { kind: 'outgoing'; key: string; message: Outgoing }
  | { kind: 'state'; key: string; state: ConversationState }

const QUIET = 5 * 60_000

/** The log's entries: buttons are live only until the shopper has said something else. */
export function timeline(talk: Talk, outgoing: readonly Outgoing[]): Entry[] {
  const shown = new Set<string>()
  const entries: Entry[] = []
  const answeredSeq = lastWordOfShopper(talk, outgoing)
  let last = 0
  for (const event of talk.events) {
    if (event.type !== 'message' && event.type !== 'state') continue
    const at = new Date(event.at).getTime()
    if (event.type === 'message' && at - last > QUIET) {
      entries.push({ kind: 'time', key: `t${event.seq}`, at: event.at })
    }
    if (event.type === 'state') {
      if (!explained(talk, event.seq)) entries.push({ kind: 'state', key: `s${event.seq}`, state: event.state })
      continue
    }
    last = at
    if (event.client_message_id) shown.add(event.client_message_id)
    const live = event.seq > answeredSeq && heeded(talk, event)
    entries.push({ kind: 'message', key: event.client_message_id ?? `m${event.seq}`, message: event, live })
  }
  const unseen = outgoing.filter((message) => !shown.has(message.id))
  for (const message of unseen) entries.splice(placeOf(message, entries), 0, { kind: 'outgoing', key: message.id, message })
  return entries
}

/** The ids of the shopper's messages that the talk already holds. */
export function arrivedIds(talk: Talk): Set<string> {
  const ids = new Set<string>()
  for (const event of talk.events) {
    if (event.type === 'message' && event.client_message_id) ids.add(event.client_message_id)
  }
  return ids
}

/** Whether the bot still owes an answer to the shopper's last message. */
export function awaitsBot(talk: Talk, outgoing: readonly Outgoing[]): boolean {
  if (talk.state !== 'bot') return false
  if (outgoing.some((message) => message.delivery === 'sent')) return true
  const last = talk.events.findLast((event) => event.type === 'message')
  return last?.type === 'message' && last.from === 'shopper'
}

// While the shopper waits for a person, the desk itself heeds the buttons that it shows.
function heeded(talk: Talk, message: ChatMessage): boolean {
  return talk.state === 'bot' || (talk.state === 'waiting' && message.from === 'system')
}

// What is on its way comes last; what was refused stays where it was written.
function placeOf(message: Outgoing, entries: readonly Entry[]): number {
  if (message.delivery !== 'failed') return entries.length
  const later = entries.findIndex((entry) => entry.kind === 'message' && entry.message.seq > message.after)
  return later < 0 ? entries.length : later
}

// The desk says most changes of state in words of its own, right beside the event.
function explained(talk: Talk, seq: number): boolean {
  const beside = [talk.events[seq - 2], talk.events[seq]]
  return beside.some((event) => event?.type === 'message' && event.from === 'system')
}

function lastWordOfShopper(talk: Talk, outgoing: readonly Outgoing[]): number {
  if (outgoing.some((message) => message.delivery !== 'failed')) return Infinity
  const last = talk.events.findLast((event) => event.type === 'message' && event.from === 'shopper')
  return last?.seq ?? 0
}
