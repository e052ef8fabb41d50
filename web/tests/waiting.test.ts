import { expect, test } from 'vitest'

import { closedText, isClosed, rangeText, waitingText } from '../widget/waiting'

const night = new Date('2026-11-22T14:00:00Z')
const people = { open: false, hours: '周一至周五 9:00-18:00', next_opening: '2026-11-23T01:00:00Z' }

test('a range is told as it is', () => {
  expect(rangeText([10, 50])).toBe('1 分钟内')
  expect(rangeText([60, 180])).toBe('1 至 3 分钟')
  expect(rangeText([180, 180])).toBe('约 3 分钟')
})

test('place and range are told only where they are known', () => {
  expect(waitingText(null)).not.toMatch(/第|预计/)
  expect(waitingText({ type: 'queue', position: 2 })).toMatch(/^您排在第 2 位。/)
  expect(waitingText({ type: 'queue', position: 1, wait_seconds: [60, 300] })).toContain('预计等待 1 至 5 分钟')
})

test('who was closed when the page was loaded opens in time', () => {
  expect(isClosed(people, night)).toBe(true)
  expect(isClosed(people, new Date('2026-11-23T01:00:00Z'))).toBe(false)
  expect(isClosed({ ...people, next_opening: null }, night)).toBe(true)
  expect(isClosed({ ...people, open: true }, night)).toBe(false)
  expect(isClosed(null, night)).toBe(false)
})

test('the next opening is told in the shop\'s time', () => {
  expect(closedText(people, night)).toContain('服务时间：周一至周五 9:00-18:00')
  expect(closedText(people, night)).toContain('明天 9:00 开始上班')
  expect(closedText(people, new Date('2026-11-22T20:00:00Z'))).toContain('今天 9:00')
  expect(closedText(people, new Date('2026-11-20T20:00:00Z'))).toContain('11月23日 9:00')
  expect(closedText({ ...people, next_opening: null }, night)).not.toContain('上班')
})
