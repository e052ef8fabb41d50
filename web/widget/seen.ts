import type { Talk } from '../common/talk'
import type { ConversationState } from '../common/types'

/** How far the shopper has seen a conversation, in whichever window. */
export interface Seen {
  conversation: string
  seq: number
  state: ConversationState
  /** When something was last seen, in milliseconds. */
  at: number
}

// For so long after the last look an answer may still come while the chat is folded away.
const STILL_INTERESTING = 10 * 60_000

export function readSeen(store: Storage, prefix: string): Seen | null {
  try {
    const value = JSON.parse(store.getItem(`${prefix}seen`) ?? '') as Partial<Seen>
    const { conversation, seq, state, at } = value
    if (typeof conversation !== 'string' || typeof seq !== 'number' || typeof at !== 'number') return null
    return { conversation, seq, at, state: state ?? 'bot' }
  } catch {
    return null
  }
}

export function writeSeen(store: Storage, prefix: string, seen: Seen): void {
  store.setItem(`${prefix}seen`, JSON.stringify(seen))
}

/** Whether a page that has just been loaded should listen for answers before it is asked to. */
export function worthFollowing(seen: Seen | null, now: number): boolean {
  if (!seen || seen.state === 'closed') return false
  return seen.state !== 'bot' || now - seen.at < STILL_INTERESTING
}

/** How many messages of others came after `seq`. */
export function unreadAfter(talk: Talk, seq: number): number {
  return talk.events.filter((event) => event.seq > seq && event.type === 'message' && event.from !== 'shopper' && !event.recalled).length
}
