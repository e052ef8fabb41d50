import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { Drafts } from '../../desk/stores/drafts'

const save = vi.fn<(id: string, text: string) => Promise<unknown>>(() => Promise.resolve())
const open = () => new Drafts(localStorage, 'kefu:desk:7:', save)

beforeEach(() => {
  vi.useFakeTimers()
  localStorage.clear()
  save.mockClear()
})
afterEach(() => void vi.useRealTimers())

test('each conversation has its own, and a reload keeps them', () => {
  const drafts = open()
  drafts.set('c1', '正在查')
  drafts.set('c2', '请稍等')
  expect([open().get('c1'), open().get('c2'), open().get('c3')]).toEqual(['正在查', '请稍等', ''])
})

test('the server is told once the typing pauses, and at once when it is empty', async () => {
  const drafts = open()
  drafts.set('c1', '正')
  drafts.set('c1', '正在')
  await vi.advanceTimersByTimeAsync(1000)
  expect(save.mock.calls).toEqual([['c1', '正在']])
  drafts.set('c1', '')
  await vi.advanceTimersByTimeAsync(0)
  expect(save).toHaveBeenLastCalledWith('c1', '')
  expect(localStorage.length).toBe(0)
})

test('the server’s draft counts only where this browser has none', () => {
  const drafts = open()
  drafts.offered('c1', '另一台电脑上写的')
  expect(drafts.get('c1')).toBe('另一台电脑上写的')
  drafts.set('c1', '改过')
  drafts.offered('c1', '另一台电脑上写的')
  expect(drafts.get('c1')).toBe('改过')
})

test('a server that does not answer costs no word', async () => {
  save.mockImplementationOnce(() => Promise.reject(new Error('away')))
  const drafts = open()
  drafts.set('c1', '正在查')
  await vi.advanceTimersByTimeAsync(1000)
  expect(open().get('c1')).toBe('正在查')
})
