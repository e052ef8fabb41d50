import { expect, test } from 'vitest'

import { emptyTalk, extend } from '../../common/talk'
import { Eyes, newerThan, SEEN_AFTER } from '../../desk/stores/guard'
import { message, USER } from './fixtures'

test('a message is seen only after a moment before one’s eyes', () => {
  const eyes = new Eyes()
  eyes.open(3)
  eyes.look(4, true, 0)
  expect(eyes.seen(SEEN_AFTER - 1)).toBe(3)
  expect(eyes.seen(SEEN_AFTER)).toBe(4)
})

test('what comes while one looks elsewhere is not seen, however long', () => {
  const eyes = new Eyes()
  eyes.open(3)
  eyes.look(4, false, 0)
  expect(eyes.seen(60_000)).toBe(3)
  eyes.look(4, true, 60_000)
  expect(eyes.seen(60_000 + SEEN_AFTER)).toBe(4)
})

test('each new message needs its own moment', () => {
  const eyes = new Eyes()
  eyes.look(4, true, 0)
  eyes.look(5, true, SEEN_AFTER - 100)
  expect(eyes.seen(SEEN_AFTER)).toBe(4)
  expect(eyes.seen(2 * SEEN_AFTER)).toBe(5)
})

test('newer is what the shopper or a colleague said, not what I or the bot did', () => {
  const { talk } = extend(emptyTalk, [
    message(1, 'shopper', '在吗'),
    message(2, 'agent', '您好', { name: '小李', staff_id: USER.staff_id }),
    message(3, 'bot', '自动回复'),
    message(4, 'agent', '我来', { name: '小王', staff_id: 9 }),
    message(5, 'system', '已转接'),
  ])
  expect(newerThan(talk, 0, USER)).toEqual({ count: 2, text: '我来', from: '小王' })
  expect(newerThan(talk, 1, USER)).toMatchObject({ count: 1 })
  expect(newerThan(talk, 4, USER)).toBeNull()
})
