import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { Outbox } from '../common/outbox'
import { openStorage } from '../common/vault'
import { ShopperApi } from '../widget/api'
import { readSeen, writeSeen } from '../widget/seen'

// The shop's page has used up what the browser gives it.
let full = false
const { setItem } = Storage.prototype

beforeEach(() => {
  full = false
  localStorage.clear()
  vi.spyOn(Storage.prototype, 'setItem').mockImplementation(function (this: Storage, key, value) {
    if (full) throw new DOMException('full', 'QuotaExceededError')
    setItem.call(this, key, value)
  })
})

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

const keysOf = (store: Storage) => Array.from({ length: store.length }, (_, index) => store.key(index))

test('what is typed is shown and sent, though nothing can be kept', async () => {
  const store = openStorage()
  full = true
  const send = vi.fn(() => Promise.resolve({ seq: 1 }))
  const outbox = new Outbox(store, 'o:', send, vi.fn())
  const { id } = outbox.add('在吗', 0)
  expect(outbox.messages.map(({ text }) => text)).toEqual(['在吗'])
  // The page takes the chat out and puts it in again.
  expect(new Outbox(store, 'o:', send, vi.fn()).messages.map((message) => message.id)).toEqual([id])
  expect(await outbox.flush()).toBe(true)
  expect(send).toHaveBeenCalledTimes(1)
  expect(store.length).toBe(0)
})

test('a session opens, and is come back to as long as the page lives', async () => {
  localStorage.setItem('kefu:https://kefu.example:demo:guest:resume', 'old')
  const store = openStorage()
  full = true
  const asked: string[] = []
  vi.spyOn(navigator, 'locks', 'get').mockReturnValue({ request: (_: string, work: () => unknown) => work() } as unknown as LockManager)
  vi.stubGlobal('fetch', (_: string, call: { body: string }) => {
    asked.push((JSON.parse(call.body) as { resume_token: string }).resume_token)
    const session = { conversation_id: 'c', session_token: 's', resume_token: `r${asked.length}`, state: 'bot', last_seq: 1 }
    return Promise.resolve(new Response(JSON.stringify(session)))
  })
  const api = new ShopperApi('https://kefu.example', { profile: 'demo' }, () => ({}), store, vi.fn())
  await api.session()
  api.renew()
  await api.session()
  // What was kept before the storage was full is read; a token that was used up is not.
  expect(asked).toEqual(['old', 'r1'])
  expect(api.currentConversation).toBe('c')
})

test('what was seen is known, though nothing can be kept', () => {
  const store = openStorage()
  full = true
  const seen = { conversation: 'c', seq: 3, state: 'bot', at: 1 } as const
  writeSeen(store, 'p:', seen)
  expect(readSeen(store, 'p:')).toEqual(seen)
})

test('what another window could keep later counts for more', () => {
  const store = openStorage()
  full = true
  store.setItem('conversation', 'mine')
  full = false
  localStorage.setItem('conversation', 'theirs')
  expect(store.getItem('conversation')).toBe('theirs')
})

test('once there is room again, things are kept, each once', () => {
  const store = openStorage()
  full = true
  store.setItem('a', '1')
  full = false
  store.setItem('a', '2')
  store.setItem('b', '3')
  expect(localStorage.getItem('a')).toBe('2')
  expect(keysOf(store).sort()).toEqual(['a', 'b'])
})

test('where the browser allows no storage at all, memory serves', () => {
  vi.spyOn(globalThis, 'localStorage', 'get').mockImplementation(() => {
    throw new DOMException('denied', 'SecurityError')
  })
  const store = openStorage()
  store.setItem('a', '1')
  expect([store.getItem('a'), store.length, store.key(0)]).toEqual(['1', 1, 'a'])
  store.removeItem('a')
  expect(store.length).toBe(0)
})
