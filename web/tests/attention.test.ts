import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { Attention } from '../common/attention'

let hidden = false
let attention: Attention

const show = (shown: boolean) => {
  hidden = !shown
  document.dispatchEvent(new Event('visibilitychange'))
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.spyOn(document, 'hidden', 'get').mockImplementation(() => hidden)
  localStorage.clear()
  hidden = false
  document.title = '我的商店'
  attention = new Attention(localStorage)
})

afterEach(() => {
  attention.stop()
  vi.useRealTimers()
  vi.restoreAllMocks()
})

test('the title calls only from a page out of sight, and is given back', () => {
  attention.unread(2)
  expect(document.title).toBe('我的商店')
  show(false)
  expect(document.title).toBe('【2 条新消息】我的商店')
  vi.advanceTimersByTime(1200)
  expect(document.title).toBe('我的商店')
  vi.advanceTimersByTime(1200)
  expect(document.title).toBe('【2 条新消息】我的商店')
  show(true)
  vi.advanceTimersByTime(5000)
  expect(document.title).toBe('我的商店')
})

test('a title that the page changes meanwhile is the one that stays', () => {
  show(false)
  attention.unread(1)
  document.title = '订单详情'
  vi.advanceTimersByTime(1200)
  expect(document.title).toBe('【1 条新消息】订单详情')
  attention.unread(0)
  expect(document.title).toBe('订单详情')
})

test('the choice of sound is kept', () => {
  expect(attention.sound).toBe(false)
  attention.sound = true
  expect(new Attention(localStorage).sound).toBe(true)
  attention.sound = false
  expect(new Attention(localStorage).sound).toBe(false)
})
