import fc from 'fast-check'
import { expect, test } from 'vitest'

import { emptyTalk, extend } from '../common/talk'
import type { Talk } from '../common/talk'
import type { ConversationState, StoredEvent } from '../common/types'

const states: ConversationState[] = ['bot', 'waiting', 'assigned', 'closed']
const body = fc.oneof(
  fc.record({ type: fc.constant('state' as const), state: fc.constantFrom(...states) }),
  fc.record({
    type: fc.constant('message' as const),
    from: fc.constantFrom('shopper' as const, 'bot' as const, 'agent' as const, 'system' as const),
    text: fc.string(),
  }),
  fc.record({ type: fc.constant('rating_request' as const) }),
)
const history = fc
  .array(body, { maxLength: 40 })
  .map((bodies) => bodies.map((one, index) => ({ ...one, seq: index + 1, at: '2026-11-22T08:00:00Z' }) as StoredEvent))

/** Deliveries as a bad line makes them: pieces lost, doubled, out of order. */
const deliveries = history.chain((events) =>
  fc.record({
    events: fc.constant(events),
    batches: fc.array(fc.shuffledSubarray([...events, ...events]), { maxLength: 12 }),
  }),
)

const fresh = (events: StoredEvent[]): Talk => extend(emptyTalk, events).talk

test('old state + events == fresh state, however the events come', () => {
  fc.assert(
    fc.property(deliveries, ({ events, batches }) => {
      let talk = emptyTalk
      for (const batch of batches) {
        talk = extend(talk, batch).talk
        expect(talk).toEqual(fresh(events.slice(0, talk.lastSeq)))
      }
      const replay = extend(talk, events.slice(talk.lastSeq))
      expect(replay.gap).toBe(false)
      expect(replay.talk).toEqual(fresh(events))
    }),
  )
})

test('a missing event is noticed and nothing behind it is taken', () => {
  fc.assert(
    fc.property(history.filter((events) => events.length > 1), fc.nat(), (events, at) => {
      const missing = at % (events.length - 1)
      const { talk, gap } = extend(emptyTalk, events.filter((_, index) => index !== missing))
      expect(gap).toBe(true)
      expect(talk.lastSeq).toBe(missing)
    }),
  )
})

test('events that are known already change nothing', () => {
  const events: StoredEvent[] = [{ seq: 1, at: '', type: 'state', state: 'waiting' }]
  const talk = fresh(events)
  expect(extend(talk, events)).toEqual({ talk, gap: false })
})

test('a message that was taken back has lost its words, whenever one hears of it', () => {
  const events: StoredEvent[] = [
    { seq: 1, at: '', type: 'message', from: 'agent', name: '小李', text: '发错了', client_message_id: 'a1', attachments: [] },
    { seq: 2, at: '', type: 'recalled', recalled: 1 },
  ]
  const emptied = { seq: 1, at: '', type: 'message', from: 'agent', name: '小李', text: null, client_message_id: 'a1', recalled: true }
  expect(fresh(events).events[0]).toEqual(emptied)
  expect(extend(fresh(events.slice(0, 1)), events.slice(1)).talk.events[0]).toEqual(emptied)
})
