import { expect, test } from 'vitest'

import { asked, dueText, dueUrgency, EVERYTHING } from '../../desk/tickets'
import type { TicketSummary } from '../../desk/types'

const NOW = Date.parse('2026-11-30T12:00:00Z')

function ticket(due: string, more: Partial<TicketSummary> = {}): TicketSummary {
  return {
    number: 'TK1', kind: 'complaint', kind_text: '投诉', state: 'open', state_text: '待处理', subject: '投诉', details: '', order_number: null,
    created_at: '2026-11-30T00:00:00Z', due_at: due, answered_at: null, overdue: false, due_soon: false, ...more,
  }
}

test('a ticket warns before it is due, and is late from that minute on though the list is older', () => {
  const soon = ticket('2026-11-30T12:35:00Z', { due_soon: true })
  expect([dueUrgency(soon, NOW), dueText(soon, NOW)]).toEqual(['soon', '剩 35 分钟'])
  const later = NOW + 95 * 60_000
  expect([dueUrgency(soon, later), dueText(soon, later)]).toEqual(['late', '超期 1 小时'])
  expect(dueText(soon, NOW + 36 * 60_000)).toBe('超期 1 分钟')
  expect(dueText(soon, NOW + 3 * 86_400_000)).toBe('超期 2 天')
})

test('what is answered or has time presses nobody', () => {
  expect(dueText(ticket('2026-11-30T09:00:00Z', { state: 'answered' }), NOW)).toBe('')
  expect([dueUrgency(ticket('2026-12-02T09:00:00Z'), NOW), dueText(ticket('2026-12-02T09:00:00Z'), NOW)]).toEqual(['calm', ''])
})

test('the filter asks for no more than was chosen', () => {
  const set = (more: object) => Object.fromEntries(Object.entries(asked({ ...EVERYTHING, ...more })).filter(([, value]) => value !== ''))
  expect(set({})).toEqual({})
  expect(set({ assigned: 'me', due: 'soon', words: '  KF2 ' })).toEqual({ assigned_to: 'me', due_soon: 'true', q: 'KF2' })
  expect(set({ due: 'overdue', state: 'open', kind: 'fraud' })).toEqual({ overdue: 'true', state: 'open', kind: 'fraud' })
})
