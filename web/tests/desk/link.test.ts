import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { Link } from '../../desk/stores/link'
import type { LinkListener } from '../../desk/stores/link'
import { lists, message } from './fixtures'

/** The browser's socket, driven by the test. */
class FakeSocket {
  static readonly OPEN = 1
  static all: FakeSocket[] = []
  readyState = 0
  sent: Record<string, unknown>[] = []
  onopen: (() => void) | null = null
  onmessage: ((frame: { data: string }) => void) | null = null
  onclose: (() => void) | null = null

  constructor(readonly url: string) {
    FakeSocket.all.push(this)
  }

  open(): void {
    this.readyState = 1
    this.onopen?.()
  }

  push(frame: object): void {
    this.onmessage?.({ data: JSON.stringify(frame) })
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>)
  }

  close(): void {
    this.readyState = 3
    this.onclose?.()
  }
}

const newest = () => FakeSocket.all.at(-1) as FakeSocket
const api = { inbox: vi.fn(() => Promise.resolve(lists())), events: vi.fn(() => Promise.resolve({ events: [message(3, 'shopper', '三')], passing: [], read_up_to: 2 })), notes: vi.fn(() => Promise.resolve([])) }
const watched = new Map([['c1', 2]])
let listener: LinkListener & { lines: string[] }
let link: Link

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('WebSocket', FakeSocket)
  FakeSocket.all = []
  vi.clearAllMocks()
  const lines: string[] = []
  listener = {
    lines,
    csrf: () => 'token',
    watched: () => watched,
    inbox: vi.fn<LinkListener['inbox']>(),
    events: vi.fn<LinkListener['events']>(),
    note: vi.fn<LinkListener['note']>(),
    lineChanged: (line) => lines.push(line),
    forcedOut: vi.fn<LinkListener['forcedOut']>(),
  }
  link = new Link(api, listener)
  link.start()
})
afterEach(() => {
  link.stop()
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

test('it shows its token and says what it knows, so that the server goes on from there', async () => {
  await vi.advanceTimersByTimeAsync(0)
  newest().open()
  expect(newest().sent[0]).toEqual({ csrf_token: 'token', watch: { c1: 2 } })
  newest().push({ type: 'event', conversation_id: 'c1', event: message(3, 'shopper', '三') })
  expect(listener.events).toHaveBeenCalledWith('c1', [message(3, 'shopper', '三')])
  newest().push({ type: 'inbox', inbox: lists() })
  expect(listener.inbox).toHaveBeenCalledWith(lists())
  newest().push({ type: 'forced_out' })
  expect(listener.forcedOut).toHaveBeenCalledOnce()
})

test('a line that is cut comes back by itself', async () => {
  await vi.advanceTimersByTimeAsync(0)
  newest().open()
  newest().push({ type: 'pong' })
  newest().close()
  await vi.advanceTimersByTimeAsync(0)
  expect(listener.lines.at(-1)).toBe('offline')
  await vi.advanceTimersByTimeAsync(1000)
  expect(FakeSocket.all).toHaveLength(2)
  newest().open()
  expect(listener.lines.at(-1)).toBe('online')
})

test('a line that has died without a word is left', async () => {
  await vi.advanceTimersByTimeAsync(0)
  newest().open()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(newest().sent.at(-1)).toEqual({ type: 'ping' })
  const silent = newest()
  await vi.advanceTimersByTimeAsync(30_000)
  expect(silent.readyState).toBe(3)
  expect(FakeSocket.all.length).toBeGreaterThan(1)
})

test('where sockets do not get through it asks', async () => {
  await vi.advanceTimersByTimeAsync(0)
  newest().close()
  await vi.advanceTimersByTimeAsync(1000)
  newest().close()
  await vi.advanceTimersByTimeAsync(3000)
  expect(listener.inbox).toHaveBeenCalled()
  expect(listener.events).toHaveBeenCalledWith('c1', [message(3, 'shopper', '三')], 2)
  expect(listener.lines.at(-1)).toBe('online')
})
