import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { Alerts, newsIn, takenIn } from '../../desk/stores/alerts'
import { lists, summary } from './fixtures'

const shown: { title: string; body: string | undefined }[] = []
class FakeNotification {
  static permission = 'granted'
  static requestPermission = vi.fn(() => Promise.resolve('granted'))
  onclick: (() => void) | null = null

  constructor(title: string, options: { body?: string }) {
    shown.push({ title, body: options.body })
  }
}

let alerts: Alerts
beforeEach(() => {
  localStorage.clear()
  shown.length = 0
  vi.stubGlobal('Notification', FakeNotification)
  FakeNotification.requestPermission.mockClear()
  vi.spyOn(document, 'hidden', 'get').mockReturnValue(true)
  alerts = new Alerts(localStorage, vi.fn())
})
afterEach(() => {
  alerts.stop()
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

test('a new conversation of mine, new messages in one and an invitation are news; the queue is not', () => {
  const before = lists({ mine: [summary('a')] })
  const after = lists({ mine: [summary('a', { unread: 1 }), summary('b')], invited: [summary('c')], queue: [summary('d')] })
  expect(newsIn(before, after).map((one) => one.title)).toEqual(['新消息：顾客a', '新会话：顾客b', '请您协助：顾客c'])
  expect(newsIn(after, after)).toEqual([])
})

test('what was taken from me says how it came, and what I gave away myself is no news', async () => {
  const before = lists({ mine: ['late', 'cut', 'won', 'moved', 'closed', 'kept'].map((id) => summary(id)) })
  const waiting = { state: 'waiting' as const, assigned_to: null, agent_name: null }
  const after = lists({
    mine: [summary('kept')],
    queue: [summary('late', { ...waiting, returned: true, missed: true }), summary('cut', { ...waiting, returned: true }), summary('moved', { ...waiting, group_name: '售后组' })],
    colleagues: [summary('won', { assigned_to: 8, agent_name: '孙磊' })],
  })
  const told = new Map(takenIn(before, after).map((one) => [one.conversationId, one.text]))
  expect([...told.keys()]).toEqual(['late', 'cut', 'won', 'moved'])
  expect(told.get('late')).toContain('没有在时限内回复')
  expect(told.get('cut')).toContain('退回队列最前面')
  expect(told.get('won')).toContain('已由孙磊接手')
  expect(told.get('moved')).toContain('已移交售后组')

  alerts.inbox(before)
  await alerts.lettingGo('won', () => Promise.resolve())
  await expect(alerts.lettingGo('late', () => Promise.reject(new Error('refused')))).rejects.toThrow()
  alerts.inbox(after)
  expect(alerts.taken.value.map((one) => one.conversationId)).toEqual(['late', 'cut', 'moved'])
})

test('the title always tells how much is unread', () => {
  alerts.inbox(lists({ mine: [summary('a', { unread: 2 }), summary('b', { unread: 1 })] }))
  expect(document.title).toContain('3')
})

test('nobody is notified before they have asked for it', async () => {
  alerts.inbox(lists())
  alerts.inbox(lists({ mine: [summary('a')] }))
  expect(shown).toEqual([])
  expect(FakeNotification.requestPermission).not.toHaveBeenCalled()
  await alerts.wanted(true)
  alerts.inbox(lists({ mine: [summary('a'), summary('b')] }))
  expect(shown).toEqual([{ title: '新会话：顾客b', body: '在吗' }])
})

test('the wish is kept, and a no is a no', async () => {
  await alerts.wanted(false)
  expect(new Alerts(localStorage, vi.fn()).wish.value).toBe('off')
  expect(FakeNotification.requestPermission).not.toHaveBeenCalled()
})
