import fc from 'fast-check'
import { expect, test, vi } from 'vitest'

import { linkPieces } from '../common/links'
import type { Card, ChatMessage } from '../common/types'
import { renderLog } from '../widget/log'
import type { LogActions } from '../widget/log'
import type { Entry } from '../widget/timeline'

const pictures = { discard: vi.fn(), freshPicture: vi.fn(), outgoingPicture: vi.fn(), view: vi.fn() }
const actions: LogActions = { base: 'https://kefu.example', press: vi.fn(), retry: vi.fn(), verify: vi.fn(), resendCode: vi.fn(), rate: vi.fn(), ...pictures }
const entry = (message: Partial<ChatMessage>, live = true): Entry => ({
  kind: 'message',
  key: 'm1',
  live,
  message: { seq: 1, at: '2026-11-22T08:00:00Z', type: 'message', from: 'bot', text: null, ...message },
})

function draw(...entries: Entry[]): HTMLElement {
  const log = document.createElement('div')
  renderLog(log, entries, actions)
  return log
}

const nasty = fc.oneof(
  fc.string(),
  fc.constantFrom(
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '"><svg onload=alert(1)>',
    'javascript:alert(1)',
    'https://evil.example/"onmouseover="alert(1)',
    '<a href="javascript:alert(1)">点我</a>',
  ),
)

test('whatever a message says is shown as text, and no element comes out of it', () => {
  fc.assert(
    fc.property(nasty, fc.constantFrom('bot' as const, 'agent' as const, 'shopper' as const, 'system' as const), (text, from) => {
      const log = draw(entry({ text, from }))
      expect(log.textContent).toContain(text)
      expect(log.querySelector('script, img, svg, iframe, [onload], [onerror], [onmouseover]')).toBeNull()
      for (const link of log.querySelectorAll('a')) {
        expect(link.protocol).toMatch(/^https?:$/)
        expect(link.rel).toContain('noopener')
      }
    }),
  )
})

test('nor does one come out of a card, a button or a name', () => {
  fc.assert(
    fc.property(nasty, (text) => {
      const card: Card = {
        type: 'order',
        order_number: text,
        state: text,
        state_text: text,
        placed_at: text,
        total: 1,
        items: [{ item_id: text, name: text, variant: text, quantity: 1, unit_price: 1 }],
        buttons: [{ id: text, title: text }],
      }
      const log = draw(entry({ from: 'agent', name: text, text: '好', cards: [card], buttons: [{ id: text, title: text }] }))
      expect(log.querySelector('script, img, svg, iframe, a, [onload], [onerror]')).toBeNull()
    }),
  )
})

test('addresses become links without the punctuation around them', () => {
  expect(linkPieces('见 https://kefu.example/help?a=1。谢谢')).toEqual([
    { text: '见 ' },
    { text: 'https://kefu.example/help?a=1', href: 'https://kefu.example/help?a=1' },
    { text: '。谢谢' },
  ])
  expect(linkPieces('javascript:alert(1) ftp://x data:text/html,1')).toEqual([{ text: 'javascript:alert(1) ftp://x data:text/html,1' }])
})

test('the pieces of a text are the text', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(nasty, fc.webUrl())).map((parts) => parts.join(' ')), (text) => {
      expect(linkPieces(text).map((piece) => piece.text).join('')).toBe(text)
    }),
    { numRuns: 40 },
  )
})

test('a button tells which one it is, and is dead once the talk has moved on', () => {
  const buttons = [{ id: '1.0', title: '查订单' }]
  draw(entry({ text: '好', buttons })).querySelector('button')?.click()
  expect(actions.press).toHaveBeenCalledExactlyOnceWith(buttons[0])
  expect(draw(entry({ text: '好', buttons }, false)).querySelector('button')?.disabled).toBe(true)
})

test('an unchanged entry keeps its element, so that nothing is read aloud twice', () => {
  const log = document.createElement('div')
  renderLog(log, [entry({ text: '一' })], actions)
  const before = log.firstElementChild
  renderLog(log, [entry({ text: '一' }), { ...entry({ text: '二', seq: 2 }), key: 'm2' }], actions)
  expect(log.firstElementChild).toBe(before)
  expect(log.children).toHaveLength(2)
  renderLog(log, [], actions)
  expect(log.children).toHaveLength(0)
})

test('an article is a link to the server that opens in a new tab', () => {
  const card: Card = { type: 'article', title: '怎么退货', section: '期限', url: '/help/demo/returns#s1' }
  const link = draw(entry({ text: '《怎么退货》', cards: [card] })).querySelector<HTMLAnchorElement>('a.card')
  expect(link?.href).toBe('https://kefu.example/help/demo/returns#s1')
  expect([link?.target, link?.rel]).toEqual(['_blank', 'noopener'])
  expect(link?.textContent).toContain('怎么退货期限')
})

test.each(['javascript:alert(1)', 'https://evil.example/help/x', '//evil.example/help/', '/desk', '/help/../desk', 'data:x'])(
  'an article at %s is not shown',
  (url) => {
    const card: Card = { type: 'article', title: '怎么退货', section: '', url }
    expect(draw(entry({ text: '好', cards: [card] })).querySelector('a')).toBeNull()
  },
)

test('a message that the agent took back leaves a line in its place', () => {
  const log = draw(entry({ from: 'agent', name: '小李', recalled: true }))
  expect(log.textContent).toBe('客服撤回了一条消息')
  expect(log.querySelector('.bubble')).toBeNull()
})
