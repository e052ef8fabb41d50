import type { Outgoing } from '../common/outbox'
import type { Talk } from '../common/talk'
import type { ChatMessage, ConversationState, RatingGiven, RatingRequest, StoredEvent, VerifyRequest } from '../common/types'

/** What the log shows, top to bottom. `key` stays the same while a message travels. */
export type Entry =
  | { kind: 'time'; key: string; at: string }
  | { kind: 'message'; key: string; message: ChatMessage; live: boolean }
  | { kind: 'verify'; key: string; request: VerifyRequest; live: boolean }
  | { kind: 'rating'; key: string; request: RatingRequest; given: RatingGiven | null; changeable: boolean }
  | { kind: 'outgoing'; key: string; message: Outgoing }
  | { kind: 'state'; key: string; state: ConversationState }

const QUIET = 5 * 60_000
const CHANGEABLE = 24 * 3_600_000

/** The log's entries: buttons are live only until the shopper has said something else. */
export function timeline(talk: Talk, outgoing: readonly Outgoing[]): Entry[] {
  const shown = new Set<string>()
  const entries: Entry[] = []
  const answeredSeq = lastWordOfShopper(talk, outgoing)
  let last = 0
  for (const event of talk.events) {
    if (event.type === 'verify_request') {
      if (isLatest(talk, event)) {
        entries.push({ kind: 'verify', key: `v${event.verify_id}`, request: event, live: isAwaited(talk, event) })
      }
      continue
    }
    if (event.type === 'rating_request') {
      const entry = ratingOf(talk, event)
      if (entry) entries.push(entry)
      continue
    }
    if (event.type === 'rating' || event.type === 'recalled') continue
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

// A code sent again is asked for in the same input.
function isLatest(talk: Talk, request: VerifyRequest): boolean {
  return !talk.events.some(
    (event) => event.type === 'verify_request' && event.verify_id === request.verify_id && event.seq > request.seq,
  )
}

// Only the newest code is worth anything, until it was right.
function isAwaited(talk: Talk, request: VerifyRequest): boolean {
  const ends = (event: StoredEvent) =>
    event.type === 'verify_request' || (event.type === 'message' && event.verify_id === request.verify_id)
  return talk.state !== 'closed' && !talk.events.some((event) => event.seq > request.seq && ends(event))
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
  return lastMessage(talk)?.from === 'shopper'
}

/** What became of the shopper's last words with a person who has not answered yet. */
export function receipt(talk: Talk, outgoing: readonly Outgoing[], readUpTo: number): '已送达' | '已读' | null {
  const withPerson = talk.state === 'waiting' || talk.state === 'assigned'
  const last = lastMessage(talk)
  if (!withPerson || outgoing.length > 0 || last?.from !== 'shopper') return null
  return last.seq <= readUpTo ? '已读' : '已送达'
}

// Only the newest question waits for an answer; an answer can be changed for a day.
function ratingOf(talk: Talk, request: RatingRequest): Entry | null {
  const given = newest(talk, (event): event is RatingGiven => event.type === 'rating' && event.request === request.seq) ?? null
  const first = talk.events.find((event) => event.type === 'rating' && event.request === request.seq)
  const last = newest(talk, (event): event is RatingRequest => event.type === 'rating_request')
  if (!given && last !== request) return null
  const changeable = !first || Date.now() - new Date(first.at).getTime() < CHANGEABLE
  return { kind: 'rating', key: `r${request.seq}`, request, given, changeable }
}

function lastMessage(talk: Talk): ChatMessage | undefined {
  return newest(talk, (event): event is ChatMessage => event.type === 'message')
}

function newest<T extends StoredEvent>(talk: Talk, test: (event: StoredEvent) => event is T): T | undefined {
  for (let index = talk.events.length - 1; index >= 0; index -= 1) {
    const event = talk.events[index]
    if (event && test(event)) return event
  }
  return undefined
}

// While the shopper waits for a person, the desk itself heeds the buttons that it shows; afterwards
// there is no wait left to give up.
function heeded(talk: Talk, message: ChatMessage): boolean {
  if (message.from !== 'system') return talk.state === 'bot'
  const waitIsOver = () => talk.events.some((event) => event.type === 'state' && event.state === 'bot' && event.seq > message.seq)
  return talk.state === 'waiting' || (talk.state === 'bot' && !waitIsOver())
}

// What is on its way comes last; what was refused stays where it was written.
function placeOf(message: Outgoing, entries: readonly Entry[]): number {
  if (message.delivery !== 'failed') return entries.length
  const later = entries.findIndex((entry) => entry.kind === 'message' && entry.message.seq > message.after)
  return later < 0 ? entries.length : later
}

// The desk says most changes of state in words of its own, right beside the event.
function explained(talk: Talk, seq: number): boolean {
  const others = talk.events.filter((event) => event.seq === seq || event.type !== 'rating_request')
  const at = others.findIndex((event) => event.seq === seq)
  return [others[at - 1], others[at + 1]].some((event) => event?.type === 'message' && event.from === 'system')
}

function lastWordOfShopper(talk: Talk, outgoing: readonly Outgoing[]): number {
  if (outgoing.some((message) => message.delivery !== 'failed')) return Infinity
  return newest(talk, (event): event is ChatMessage => event.type === 'message' && event.from === 'shopper')?.seq ?? 0
}
