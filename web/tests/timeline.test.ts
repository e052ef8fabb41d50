import { expect, test } from 'vitest'

import { emptyTalk, extend } from '../common/talk'
import type { ChatMessage, StoredEvent } from '../common/types'
import type { Outgoing } from '../common/outbox'
import { awaitsBot, receipt, timeline } from '../widget/timeline'

const at = '2026-11-22T08:00:00Z'
const say = (seq: number, from: ChatMessage['from'], more: Partial<ChatMessage> = {}): ChatMessage => ({
  seq,
  at,
  type: 'message',
  from,
  text: `${seq}`,
  ...more,
})
const talkOf = (...events: StoredEvent[]) => extend(emptyTalk, events).talk
const outgoing = (id: string, more: Partial<Outgoing> = {}): Outgoing => ({ id, at, text: id, after: 0, delivery: 'waiting', ...more })
const keys = (entries: ReturnType<typeof timeline>) => entries.filter((one) => one.kind !== 'time').map((one) => one.key)
const buttons = [{ id: '1.0', title: '查订单' }]

test('a message keeps its key when the talk takes it over from the outbox', () => {
  const before = timeline(emptyTalk, [outgoing('a')])
  const after = timeline(talkOf(say(1, 'shopper', { client_message_id: 'a' })), [outgoing('a', { delivery: 'sent' })])
  expect(keys(before)).toEqual(['a'])
  expect(keys(after)).toEqual(['a'])
})

test('buttons live until the shopper has said something, sent or not', () => {
  const live = (talk = talkOf(say(1, 'bot', { buttons })), out: Outgoing[] = []) =>
    timeline(talk, out).some((entry) => entry.kind === 'message' && entry.live)
  expect(live()).toBe(true)
  expect(live(undefined, [outgoing('a')])).toBe(false)
  expect(live(talkOf(say(1, 'bot', { buttons }), say(2, 'shopper')))).toBe(false)
  expect(live(talkOf(say(1, 'bot', { buttons }), { seq: 2, at, type: 'state', state: 'waiting' }))).toBe(false)
  expect(live(talkOf({ seq: 1, at, type: 'state', state: 'waiting' }, say(2, 'system', { buttons })))).toBe(true)
  expect(live(talkOf({ seq: 1, at, type: 'state', state: 'assigned' }, say(2, 'system', { buttons })))).toBe(false)
  expect(live(talkOf(say(1, 'system', { buttons }), { seq: 2, at, type: 'state', state: 'bot' }))).toBe(false)
  expect(live(talkOf({ seq: 1, at, type: 'state', state: 'bot' }, say(2, 'system', { buttons })))).toBe(true)
  expect(live(undefined, [outgoing('a', { delivery: 'failed' })])).toBe(true)
})

test('a refused message stays where it was written, one on its way comes last', () => {
  const talk = talkOf(say(1, 'bot'), say(2, 'bot'))
  expect(keys(timeline(talk, [outgoing('a', { after: 1, delivery: 'failed' })]))).toEqual(['m1', 'a', 'm2'])
  expect(keys(timeline(talk, [outgoing('a', { after: 1 })]))).toEqual(['m1', 'm2', 'a'])
})

test('a change of state is told once: by the desk where it has words for it', () => {
  const change: StoredEvent = { seq: 2, at, type: 'state', state: 'waiting' }
  expect(keys(timeline(talkOf(say(1, 'system'), change), []))).toEqual(['m1'])
  expect(keys(timeline(talkOf(say(1, 'shopper'), change), []))).toEqual(['m1', 's2'])
})

test('the bot owes an answer only while it is the one who answers', () => {
  expect(awaitsBot(talkOf(say(1, 'shopper')), [])).toBe(true)
  expect(awaitsBot(talkOf(say(1, 'shopper'), say(2, 'bot')), [])).toBe(false)
  expect(awaitsBot(talkOf(say(1, 'shopper'), { seq: 2, at, type: 'state', state: 'assigned' }), [])).toBe(false)
})

test('what a person has got is delivered until they have read it, and nothing once they answer', () => {
  const assigned: StoredEvent = { seq: 1, at, type: 'state', state: 'assigned' }
  const talk = talkOf(assigned, say(2, 'shopper'))
  expect([0, 1, 2, 3].map((seq) => receipt(talk, [], seq))).toEqual(['已送达', '已送达', '已读', '已读'])
  expect(receipt(talkOf(assigned, say(2, 'shopper'), say(3, 'shopper')), [], 2)).toBe('已送达')
  expect(receipt(talk, [outgoing('a')], 2)).toBeNull()
  expect(receipt(talkOf(assigned, say(2, 'shopper'), say(3, 'agent')), [], 3)).toBeNull()
  expect(receipt(talkOf(say(1, 'shopper')), [], 1)).toBeNull()
})
