import { expect, test } from 'vitest'

import { emptyTalk, extend } from '../common/talk'
import type { StoredEvent } from '../common/types'
import { readSeen, unreadAfter, worthFollowing, writeSeen } from '../widget/seen'

const seen = { conversation: 'c1', seq: 3, state: 'bot', at: 1_000_000 } as const

test('what was seen is kept, and rubbish is passed over', () => {
  writeSeen(localStorage, 'p:', seen)
  expect(readSeen(localStorage, 'p:')).toEqual(seen)
  localStorage.setItem('p:seen', '{"seq": "3"}')
  expect(readSeen(localStorage, 'p:')).toBeNull()
  expect(readSeen(localStorage, 'other:')).toBeNull()
})

test('a page listens for a person, for a while for the bot, and never for an ended talk', () => {
  const later = seen.at + 3_600_000
  expect(worthFollowing(null, later)).toBe(false)
  expect(worthFollowing(seen, seen.at + 60_000)).toBe(true)
  expect(worthFollowing(seen, later)).toBe(false)
  expect(worthFollowing({ ...seen, state: 'waiting' }, later)).toBe(true)
  expect(worthFollowing({ ...seen, state: 'assigned' }, later)).toBe(true)
  expect(worthFollowing({ ...seen, state: 'closed' }, seen.at)).toBe(false)
})

test('only what others said is unread', () => {
  const at = '2026-11-22T08:00:00Z'
  const events: StoredEvent[] = [
    { seq: 1, at, type: 'message', from: 'bot', text: '您好' },
    { seq: 2, at, type: 'message', from: 'shopper', text: '在吗' },
    { seq: 3, at, type: 'state', state: 'waiting' },
    { seq: 4, at, type: 'message', from: 'agent', text: '在的' },
  ]
  const { talk } = extend(emptyTalk, events)
  expect([0, 1, 3, 4].map((seq) => unreadAfter(talk, seq))).toEqual([2, 1, 1, 0])
})
