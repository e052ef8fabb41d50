import type { Talk } from '../../common/talk'
import type { ChatMessage } from '../../common/types'
import type { StaffUser } from '../types'

/** Milliseconds that a message lies before someone's eyes until they can be said to have seen it. */
export const SEEN_AFTER = 1200

/** How far someone has seen a talk, of which a message counts only after a moment before their eyes. */
export class Eyes {
  #seen = 0
  /** What has come into view and since when, oldest first. */
  #inView: { seq: number; since: number }[] = []

  /** Everything up to `seq` has been seen: on opening, or by the agent's own word. */
  open(seq: number): void {
    this.#seen = Math.max(this.#seen, seq)
  }

  /** The end of the talk, `seq`, is (or is not) in view at `now` (milliseconds). */
  look(seq: number, inView: boolean, now: number): void {
    this.seen(now)
    if (!inView) this.#inView = []
    else if (seq > (this.#inView.at(-1)?.seq ?? this.#seen)) this.#inView.push({ seq, since: now })
  }

  seen(now: number): number {
    while (this.#inView[0] && now - this.#inView[0].since >= SEEN_AFTER) {
      this.open(this.#inView[0].seq)
      this.#inView.shift()
    }
    return this.#seen
  }
}

export interface Newer {
  count: number
  text: string
  from: string
}

/** Whether `user` wrote the message. */
export function isOwn(message: ChatMessage, user: StaffUser): boolean {
  if (message.from !== 'agent') return false
  return message.staff_id === undefined ? message.name === (user.name ?? user.username) : message.staff_id === user.staff_id
}

/** What the shopper and colleagues have said after `seen`, or null. */
export function newerThan(talk: Talk, seen: number, user: StaffUser): Newer | null {
  const found = talk.events.filter((event): event is ChatMessage => {
    if (event.seq <= seen || event.type !== 'message' || event.recalled) return false
    return event.from === 'shopper' || (event.from === 'agent' && !isOwn(event, user))
  })
  const last = found.at(-1)
  return last ? { count: found.length, text: last.text ?? '', from: last.from === 'shopper' ? '顾客' : (last.name ?? '同事') } : null
}
