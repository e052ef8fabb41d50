import fc from 'fast-check'
import { beforeEach, expect, test } from 'vitest'

import { Problem, Unreachable } from '../common/problem'
import { Outbox } from '../common/outbox'
import type { Outgoing } from '../common/outbox'

const PREFIX = 'kefu:test:outbox:'
const refusal = new Problem(409, 'conversation_closed', '本次会话已结束。')

/** A server that takes each id once, over a line that does what `weather` says next. */
class Server {
  taken: string[] = []
  weather: ('fine' | 'no line' | 'answer lost' | 'busy' | 'refuses')[] = []

  readonly take = (message: Outgoing): Promise<{ seq: number }> => {
    const now = this.weather.shift() ?? 'fine'
    if (now === 'no line') return Promise.reject(new Unreachable())
    if (now === 'busy') return Promise.reject(new Problem(503, 'loading', '请稍候。'))
    if (now === 'refuses') return Promise.reject(refusal)
    if (!this.taken.includes(message.id)) this.taken.push(message.id)
    if (now === 'answer lost') return Promise.reject(new Unreachable())
    return Promise.resolve({ seq: this.taken.indexOf(message.id) + 1 })
  }
}

let server: Server
let clock = 0
const nothing = () => undefined
const time = () => new Date(Date.UTC(2026, 10, 22, 8) + clock)
const open = () => new Outbox(localStorage, PREFIX, server.take, nothing, time)

beforeEach(() => {
  localStorage.clear()
  server = new Server()
  clock = 0
})

test('every message arrives exactly once and in order, whatever the line does and however often the page is reloaded', async () => {
  const weather = fc.constantFrom('fine' as const, 'no line' as const, 'answer lost' as const, 'busy' as const)
  const step = fc.constantFrom('say' as const, 'flush' as const, 'reload' as const)
  await fc.assert(
    fc.asyncProperty(fc.array(weather), fc.array(step), async (skies, steps) => {
      localStorage.clear()
      server = new Server()
      server.weather = [...skies]
      let outbox = open()
      const said: string[] = []
      for (const one of steps) {
        clock += 1
        if (one === 'say') said.push(outbox.add('你好', 0).id)
        if (one === 'flush') await outbox.flush()
        if (one === 'reload') outbox = open()
      }
      while (!(await outbox.flush())) clock += 1
      expect(server.taken).toEqual(said)
      expect(outbox.hasWork).toBe(false)
    }),
  )
})

test('a failed line stops the sending, and what is left stays in order', async () => {
  const outbox = open()
  outbox.add('一', 0)
  outbox.add('二', 0)
  server.weather = ['no line']
  expect(await outbox.flush()).toBe(false)
  expect(outbox.messages.map((message) => message.delivery)).toEqual(['waiting', 'waiting'])
})

test('a refused message holds up no other, says why, and can be tried again under its id', async () => {
  const outbox = open()
  const first = outbox.add('一', 0)
  const second = outbox.add('二', 0)
  server.weather = ['refuses']
  expect(await outbox.flush()).toBe(true)
  expect(first).toMatchObject({ delivery: 'failed', problem: '本次会话已结束。' })
  expect(second.delivery).toBe('sent')
  outbox.retry(first.id)
  await outbox.flush()
  expect(server.taken).toEqual([second.id, first.id])
})

test('a message that the talk shows is gone from page and storage', () => {
  const outbox = open()
  const message = outbox.add('你好', 0)
  outbox.settle(new Set([message.id]))
  expect(outbox.messages).toEqual([])
  expect(localStorage.length).toBe(0)
})

test('a pressed button keeps its id over a reload', () => {
  open().add('查物流', 3, { id: '3.0', title: '查物流' })
  expect(open().messages).toMatchObject([{ text: '查物流', button: '3.0', after: 3, delivery: 'waiting' }])
})

test('what was typed a day ago does not leave by itself', () => {
  open().add('还在吗', 0)
  clock = 25 * 3_600_000
  expect(open().messages).toMatchObject([{ text: '还在吗', delivery: 'failed' }])
})

test('two flushes at once send nothing twice', async () => {
  const outbox = open()
  outbox.add('你好', 0)
  await Promise.all([outbox.flush(), outbox.flush()])
  expect(server.taken).toHaveLength(1)
})

test('rubbish in the storage is passed over', () => {
  localStorage.setItem(`${PREFIX}x`, '{"id": 3}')
  localStorage.setItem(`${PREFIX}y`, 'no json')
  expect(open().messages).toEqual([])
})

test('what its writer had seen travels along until they ask for it to leave all the same', async () => {
  server.weather = ['refuses']
  open().addSeeing('好的', 7)
  const outbox = open()
  await outbox.flush()
  expect(outbox.messages).toMatchObject([{ seen: 7, delivery: 'failed', code: 'conversation_closed' }])
  outbox.retry(outbox.messages[0]?.id ?? '')
  expect(outbox.messages[0]).not.toHaveProperty('seen')
  expect(open().messages[0]).not.toHaveProperty('seen')
})

test('what was suggested goes along over a reload, and only the words where it is too old', async () => {
  const sent: (string | undefined)[] = []
  const old = new Problem(409, 'suggestion_refused', '这条建议已经过期。')
  const take = (message: Outgoing): Promise<{ seq: number }> => {
    sent.push(message.suggested)
    return message.suggested ? Promise.reject(old) : Promise.resolve({ seq: 9 })
  }
  new Outbox(localStorage, PREFIX, take, nothing, time).addSeeing('查到您的订单：', 3, 'signed')
  const reloaded = new Outbox(localStorage, PREFIX, take, nothing, time)
  await reloaded.flush()
  expect(reloaded.messages[0]).toMatchObject({ delivery: 'failed', code: 'suggestion_refused' })
  reloaded.retry(reloaded.messages[0]?.id ?? '')
  await reloaded.flush()
  expect(sent).toEqual(['signed', undefined])
})
