import { expect, test } from 'vitest'

import { byUrgency, lasting, ticking, urgency, waitsSince } from '../../desk/waiting'
import { at, NOON, summary } from './fixtures'

test('a waiting time ticks like a clock', () => {
  expect(ticking(at(-5), NOON)).toBe('0:05')
  expect(ticking(at(-725), NOON)).toBe('12:05')
  expect(ticking(at(-3800), NOON)).toBe('1:03:20')
  expect(ticking(at(-200_000), NOON)).toBe('2 天')
  expect(ticking(at(60), NOON)).toBe('0:00')
  expect(ticking(null, NOON)).toBe('')
})

test('seconds are said as people say them', () => {
  expect([12, 60, 200, 3900, null].map(lasting)).toEqual(['12 秒', '1 分', '3 分 20 秒', '1 小时 5 分', '—'])
})

test('a limit that has passed is late, whatever the server said before', () => {
  expect(urgency({ kind: 'answer', due_at: at(10), state: 'ok' }, NOON)).toBe('calm')
  expect(urgency({ kind: 'answer', due_at: at(10), state: 'warning' }, NOON)).toBe('soon')
  expect(urgency({ kind: 'answer', due_at: at(-1), state: 'ok' }, NOON)).toBe('late')
  expect(urgency(null, NOON)).toBe('calm')
})

test('the shopper waits in the queue, and where they had the last word', () => {
  expect(waitsSince(summary('a', { state: 'waiting', waiting_since: at(-9) }))).toBe(at(-9))
  expect(waitsSince(summary('a', { last_from: 'shopper', last_at: at(-3) }))).toBe(at(-3))
  expect(waitsSince(summary('a', { last_from: 'agent' }))).toBeNull()
})

test('my chats: late ones first, then those that wait longest, then the latest that are answered', () => {
  const chats = [
    summary('answered', { last_from: 'agent', last_at: at(-50) }),
    summary('answered later', { last_from: 'agent', last_at: at(-10) }),
    summary('short', { last_at: at(-5) }),
    summary('long', { last_at: at(-90) }),
    summary('late', { last_at: at(-1), sla: { kind: 'answer', due_at: at(-1), state: 'breached' } }),
  ]
  expect(byUrgency(chats, NOON).map((one) => one.conversation_id)).toEqual(['late', 'long', 'short', 'answered later', 'answered'])
})
