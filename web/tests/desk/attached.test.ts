import { expect, test } from 'vitest'

import type { Card } from '../../common/types'
import { attached } from '../../desk/talk/attached'

const order = { type: 'order', order_number: 'KF1', state: 'paid', state_text: '待发货', placed_at: '', total: 1, items: [] } satisfies Card
const article = { type: 'article', title: '退款多久到账', section: '', url: '/help/demo/refund-arrival' } satisfies Card

test('what leaves with a suggestion, and what does not, is said before it is sent', () => {
  expect(attached({ cards: [], left_out: [] })).toBe('')
  expect(attached({ cards: [order, order, article], left_out: [] })).toBe('直接发送时附带订单卡片 2 张、帮助文章卡片')
  expect(attached({ cards: [order], left_out: ['查看物流', '催发货'] })).toBe('直接发送时附带订单卡片；不含机器人的按钮「查看物流」「催发货」')
  expect(attached({ cards: [], left_out: ['查看物流'] })).toBe('不含机器人的按钮「查看物流」')
})
