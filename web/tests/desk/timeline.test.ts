import { expect, test } from 'vitest'

import type { Outgoing } from '../../common/outbox'
import { emptyTalk, extend } from '../../common/talk'
import type { StoredEvent } from '../../common/types'
import { timeline } from '../../desk/timeline'
import type { Note } from '../../desk/types'
import { at, message } from './fixtures'

const talkOf = (events: StoredEvent[]) => extend(emptyTalk, events).talk
const note = (id: number, when: string): Note => ({ note_id: id, at: when, staff_id: 1, name: '小王', kind: 'note', text: '已联系仓库' })
const outgoing = (id: string): Outgoing => ({ id, at: at(99), text: '好的', after: 0, delivery: 'sending' })
const kinds = (events: StoredEvent[], notes: Note[] = [], sent: Outgoing[] = []) => timeline(talkOf(events), notes, sent).map((entry) => entry.kind)

test('a line for each day, in the time of the shops', () => {
  const events = [message(1, 'shopper', '一', { at: '2026-11-21T15:59:00Z' }), message(2, 'shopper', '二', { at: '2026-11-21T16:01:00Z' })]
  expect(kinds(events)).toEqual(['day', 'message', 'day', 'message'])
})

test('notes stand where they were written', () => {
  const events = [message(1, 'shopper', '一'), message(2, 'shopper', '三', { at: at(3) })]
  expect(kinds(events, [note(1, at(2)), note(2, at(9))])).toEqual(['day', 'message', 'note', 'message', 'note'])
})

test('only the first in a row by one person carries the name', () => {
  const events = [message(1, 'shopper', '一'), message(2, 'shopper', '二'), message(3, 'agent', '三', { name: '小李' }), message(4, 'agent', '四', { name: '小王' })]
  const firsts = timeline(talkOf(events), [], []).flatMap((entry) => (entry.kind === 'message' ? [entry.first] : []))
  expect(firsts).toEqual([true, false, true, true])
})

test('a message keeps its key when the talk takes it over from the outbox', () => {
  const before = timeline(emptyTalk, [], [outgoing('x1')])
  const after = timeline(talkOf([message(1, 'agent', '好的', { client_message_id: 'x1' })]), [], [outgoing('x1')])
  expect(before.at(-1)?.key).toBe('x1')
  expect(after.filter((entry) => entry.key === 'x1').map((entry) => entry.kind)).toEqual(['message'])
})

test('a change of state that the desk explains itself gets no line of ours', () => {
  const explained: StoredEvent[] = [{ seq: 1, at: at(1), type: 'state', state: 'assigned' }, message(2, 'system', '人工客服小李为您服务。')]
  expect(kinds(explained)).not.toContain('line')
  expect(kinds([{ seq: 1, at: at(1), type: 'state', state: 'waiting' }])).toContain('line')
})

test('every entry has a key of its own in a thousand messages', () => {
  const events = Array.from({ length: 1000 }, (_, index) => message(index + 1, index % 3 ? 'agent' : 'shopper', `第 ${index} 句`))
  const keys = timeline(talkOf(events), [note(1, at(500))], []).map((entry) => entry.key)
  expect(new Set(keys).size).toBe(keys.length)
})
