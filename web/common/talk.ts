import type { ChatMessage, ConversationState, StoredEvent } from './types'

/** A conversation as far as it is known here: every event up to `lastSeq`, each once. */
export interface Talk {
  readonly lastSeq: number
  readonly state: ConversationState
  readonly events: readonly StoredEvent[]
}

export const emptyTalk: Talk = { lastSeq: 0, state: 'bot', events: [] }

/**
 * The talk with what is new in `events`, which may come twice or in any order.
 *
 * `gap` says that an earlier event is missing: nothing behind it was taken, so that
 * asking again for what follows `lastSeq` brings it all.
 */
export function extend(talk: Talk, events: readonly StoredEvent[]): { talk: Talk; gap: boolean } {
  const added: StoredEvent[] = []
  let { lastSeq, state } = talk
  let gap = false
  for (const event of [...events].sort((a, b) => a.seq - b.seq)) {
    if (event.seq <= lastSeq) continue
    if (event.seq > lastSeq + 1) {
      gap = true
      break
    }
    lastSeq = event.seq
    if (event.type === 'state') state = event.state
    added.push(event)
  }
  if (added.length === 0) return { talk, gap }
  return { talk: { lastSeq, state, events: withoutRecalled([...talk.events, ...added], added) }, gap }
}

function withoutRecalled(events: StoredEvent[], added: readonly StoredEvent[]): readonly StoredEvent[] {
  const gone = new Set(added.flatMap((event) => (event.type === 'recalled' ? [event.recalled] : [])))
  if (gone.size === 0) return events
  return events.map((event) => (event.type === 'message' && gone.has(event.seq) ? emptied(event) : event))
}

function emptied(message: ChatMessage): ChatMessage {
  const { seq, at, type, from, name, client_message_id } = message
  return { seq, at, type, from, text: null, recalled: true, ...(name ? { name } : {}), ...(client_message_id ? { client_message_id } : {}) }
}
