import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import type { Outgoing } from '../../common/outbox'
import { Problem, Unreachable } from '../../common/problem'
import type { StoredEvent } from '../../common/types'
import { OpenTalk, unfinished } from '../../desk/stores/openTalk'
import { Talks } from '../../desk/stores/talks'
import type { Detail, Note } from '../../desk/types'
import { detail, message, USER } from './fixtures'

/** A desk that takes each message once, over a line that is up or down. */
class Server {
  up = true
  events: StoredEvent[] = [message(1, 'shopper', '在吗')]
  state: Detail['state'] = 'assigned'
  refusal: Problem | null = null
  readonly taken: string[] = []

  readonly detail = (id: string): Promise<Detail> =>
    this.up ? Promise.resolve(detail(id, [...this.events], { state: this.state })) : Promise.reject(new Unreachable())

  readonly send = (_: string, sent: Outgoing): Promise<{ seq: number }> => {
    if (!this.up) return Promise.reject(new Unreachable())
    if (this.refusal) return Promise.reject(this.refusal)
    if (!this.taken.includes(sent.id)) {
      this.taken.push(sent.id)
      this.events.push(message(this.events.length + 1, 'agent', sent.text, { client_message_id: sent.id, staff_id: USER.staff_id }))
    }
    return Promise.resolve({ seq: this.events.length })
  }

  kept: Note[] = []
  readonly notes = () => Promise.resolve(this.kept)

  readonly upload = () => Promise.resolve({ id: 'a1' })
}

const PREFIX = 'kefu:desk:7:'
let server: Server
let overdue: ReturnType<typeof vi.fn<() => void>>
const open = (id = 'c1') => new OpenTalk(id, { api: server, store: localStorage, prefix: PREFIX, staffId: USER.staff_id, overdue })

beforeEach(() => {
  vi.useFakeTimers()
  localStorage.clear()
  server = new Server()
  overdue = vi.fn<() => void>()
})
afterEach(() => void vi.useRealTimers())

test('an answer shows at once, arrives once, and gives its place to the event', async () => {
  const talk = open()
  await talk.load()
  talk.say('您好', 1)
  expect(talk.view.outgoing).toMatchObject([{ text: '您好', seen: 1 }])
  await vi.advanceTimersByTimeAsync(10)
  talk.received(server.events)
  expect(talk.view.outgoing).toEqual([])
  expect(talk.view.talk.events.map((event) => event.seq)).toEqual([1, 2])
})

test('what was written while the line was down leaves when it is back, once, even from a new page', async () => {
  const first = open()
  await first.load()
  server.up = false
  first.say('稍等', 1)
  await vi.advanceTimersByTimeAsync(2000)
  expect(first.view.outgoing).toMatchObject([{ delivery: 'waiting' }])
  first.stop()
  expect(unfinished(localStorage, PREFIX)).toEqual(['c1'])
  server.up = true
  const second = open()
  await vi.advanceTimersByTimeAsync(10)
  second.resume()
  await vi.advanceTimersByTimeAsync(10)
  expect(server.taken).toHaveLength(1)
  expect(server.taken).toEqual([first.view.outgoing[0]?.id])
})

test('an accepted message that does not come back as an event is asked for', async () => {
  const talk = open()
  await talk.load()
  talk.say('您好', 1)
  await vi.advanceTimersByTimeAsync(5000)
  expect(overdue).toHaveBeenCalled()
})

test('a message held back by newer ones can be sent all the same or taken back', async () => {
  const talk = open()
  await talk.load()
  server.refusal = new Problem(409, 'newer_messages', '有新消息。')
  talk.say('甲', 1)
  talk.say('乙', 1)
  await vi.advanceTimersByTimeAsync(10)
  expect(talk.view.outgoing.map((one) => one.code)).toEqual(['newer_messages', 'newer_messages'])
  server.refusal = null
  const [first, second] = talk.view.outgoing
  talk.discard(second?.id ?? '')
  expect(talk.view.takenBack).toBe('乙')
  talk.retry(first?.id ?? '')
  await vi.advanceTimersByTimeAsync(10)
  expect(server.taken).toEqual([first?.id])
})

test('a gap is asked for, and nothing behind it is shown before', async () => {
  const talk = open()
  await talk.load()
  talk.received([message(4, 'shopper', '四')])
  expect(overdue).toHaveBeenCalledOnce()
  expect(talk.view.talk.lastSeq).toBe(1)
})

test('notes that were written while the line was down are asked for', async () => {
  const talk = open()
  await talk.load()
  server.kept = [{ note_id: 3, at: '2026-11-22T04:00:03Z', staff_id: 9, name: '小王', kind: 'note', text: '已联系仓库' }]
  talk.resume()
  await vi.advanceTimersByTimeAsync(10)
  expect(talk.view.notes.map((note) => note.note_id)).toEqual([3])
})

test('a change of state brings what changes with it', async () => {
  const talk = open()
  await talk.load()
  server.events.push({ seq: 2, at: '2026-11-22T04:00:02Z', type: 'state', state: 'closed' })
  server.state = 'closed'
  talk.received(server.events)
  await vi.advanceTimersByTimeAsync(10)
  expect(talk.view.detail?.state).toBe('closed')
})

test('typing fades; my own typing in another window is none', async () => {
  const talk = open()
  await talk.load()
  talk.received([
    { type: 'typing', from: 'shopper' },
    { type: 'typing', from: 'agent', staff_id: USER.staff_id, name: '小李' },
  ])
  expect([talk.view.shopperTyping, talk.view.colleague]).toEqual([true, null])
  talk.received([{ type: 'draft', staff_id: 9, name: '小王' }])
  expect(talk.view.colleague).toBe('小王')
  await vi.advanceTimersByTimeAsync(6000)
  expect([talk.view.shopperTyping, talk.view.colleague]).toEqual([false, null])
})

test('a conversation that is none of mine says so and is not asked for again', async () => {
  const talk = new OpenTalk('c9', { api: { ...server, detail: () => Promise.reject(new Problem(404, 'conversation_not_found', '没有这个会话。')) }, store: localStorage, prefix: PREFIX, staffId: 7, overdue })
  await talk.load()
  expect(talk.view).toMatchObject({ gone: true, problem: '没有这个会话。' })
})

test('talks: the least used are dropped, but none with something on its way', async () => {
  const watch = vi.fn<(id: string, after: number) => void>()
  const unwatch = vi.fn<(id: string) => void>()
  const talks = new Talks({ api: server, store: localStorage, prefix: PREFIX, staffId: 7, watch, unwatch, overdue })
  talks.open('first')
  await vi.advanceTimersByTimeAsync(10)
  server.up = false
  talks.get('first')?.say('还没发出', 1)
  for (let index = 0; index < 14; index += 1) talks.open(`c${index}`)
  expect(talks.get('first')).toBeDefined()
  expect(talks.get('c0')).toBeUndefined()
  expect(unwatch).toHaveBeenCalledWith('c0')
  expect(watch).toHaveBeenCalledWith('first', 1)
  talks.stop()
})
