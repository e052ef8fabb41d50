import { expect, test } from 'vitest'

import { day, moment, waited, yuan } from '../common/format'

const now = new Date('2026-11-22T08:00:00+08:00')

test('fen are told as yuan', () => {
  expect([0, 5, 129_900, -1250].map(yuan)).toEqual(['¥0.00', '¥0.05', '¥1,299.00', '-¥12.50'])
})

test('times are told in the shop’s time zone', () => {
  expect(moment('2026-11-21T23:30:00Z', now)).toBe('今天 07:30')
  expect(moment('2026-11-21T15:59:00Z', now)).toBe('昨天 23:59')
  expect(moment('2026-11-08T10:00:00Z', now)).toBe('11月8日 18:00')
  expect(moment('2025-11-08T10:00:00Z', now)).toBe('2025年11月8日')
  expect(day('2026-11-23T16:00:00Z', now)).toBe('11月24日')
})

test('what is no time is left out', () => {
  expect([moment('bald', now), day('', now), waited('', now)]).toEqual(['', '', ''])
})

test('waiting times are told as people say them', () => {
  const since = (minutes: number) => waited(new Date(now.getTime() - minutes * 60_000).toISOString(), now)
  expect([since(0), since(3), since(125), since(4500)]).toEqual(['刚刚', '3 分钟', '2 小时 5 分', '3 天'])
})
