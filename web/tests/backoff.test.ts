import fc from 'fast-check'
import { expect, test } from 'vitest'

import { Backoff, pause } from '../common/backoff'

test('pauses double up to the longest one', () => {
  const backoff = new Backoff(500, 4000, () => 1)
  expect([1, 2, 3, 4, 5].map(() => backoff.next())).toEqual([500, 1000, 2000, 4000, 4000])
})

test('every pause is between half and all of its ceiling, for ever', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { maxLength: 60 }), (numbers) => {
      let index = 0
      const backoff = new Backoff(500, 20_000, () => numbers[index] ?? 0)
      for (; index < numbers.length; index += 1) {
        const ceiling = Math.min(20_000, 500 * 2 ** index)
        const wait = backoff.next()
        expect(wait).toBeGreaterThanOrEqual(ceiling / 2)
        expect(wait).toBeLessThanOrEqual(ceiling)
      }
    }),
  )
})

test('after a success it begins again', () => {
  const backoff = new Backoff(500, 20_000, () => 1)
  backoff.next()
  backoff.next()
  backoff.reset()
  expect(backoff.next()).toBe(500)
})

test('a pause ends at once when it is woken', async () => {
  const wake = new AbortController()
  const started = Date.now()
  const waiting = pause(60_000, wake.signal)
  wake.abort()
  await waiting
  await pause(60_000, wake.signal)
  expect(Date.now() - started).toBeLessThan(1000)
})
