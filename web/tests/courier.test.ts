import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { Backoff } from '../common/backoff'
import { Courier } from '../common/courier'

/** An outbox whose line fails `failures` times before everything leaves. */
function outboxOver(failures: number): { hasWork: boolean; flush: () => Promise<boolean>; tries: number } {
  const outbox = {
    hasWork: true,
    tries: 0,
    flush: () => {
      outbox.tries += 1
      outbox.hasWork = outbox.tries <= failures
      return Promise.resolve(!outbox.hasWork)
    },
  }
  return outbox
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('it tries again after pauses until everything has left', async () => {
  const outbox = outboxOver(3)
  new Courier(outbox, new Backoff(100, 400, () => 1)).start()
  await vi.advanceTimersByTimeAsync(2000)
  expect(outbox).toMatchObject({ tries: 4, hasWork: false })
})

test('a line that is back is used at once', async () => {
  const outbox = outboxOver(1)
  const courier = new Courier(outbox, new Backoff(60_000, 60_000, () => 1))
  courier.start()
  await vi.advanceTimersByTimeAsync(10)
  expect(outbox.tries).toBe(1)
  void courier.hurry()
  await vi.advanceTimersByTimeAsync(10)
  expect(outbox.tries).toBe(2)
})

test('once stopped it sends nothing more', async () => {
  const outbox = outboxOver(9)
  const courier = new Courier(outbox, new Backoff(100, 100, () => 1))
  courier.start()
  await vi.advanceTimersByTimeAsync(10)
  courier.stop()
  await vi.advanceTimersByTimeAsync(1000)
  expect(outbox.tries).toBe(1)
})
