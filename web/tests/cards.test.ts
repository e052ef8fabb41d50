import { describe, expect, it } from 'vitest'

import { cardView } from '../common/cards'
import type { Card, OrderCard, ReturnCard } from '../common/types'

const CARD: OrderCard = {
  type: 'order',
  order_number: 'KF20261108004217',
  state: 'paid',
  state_text: '待发货',
  placed_at: '2026-11-08T03:00:00+00:00',
  total: 9500,
  items: [{ item_id: '1', name: '保温杯', variant: '', quantity: 1, unit_price: 9000 }],
}

const rowsOf = (card: Card) => Object.fromEntries((cardView(card)?.rows ?? []).map((row) => [row.label, row.value]))

describe('an order card', () => {
  it('shows what makes the total differ from its items', () => {
    const rows = rowsOf({ ...CARD, freight: 1000, discount: 500 })
    expect([rows['运费'], rows['优惠'], rows['合计']]).toEqual(['¥10.00', '-¥5.00', '¥95.00'])
  })

  it('shows neither freight nor discount where there is none', () => {
    expect(Object.keys(rowsOf({ ...CARD, freight: 0 }))).toEqual(['下单时间', '合计'])
  })
})

const RMA: ReturnCard = {
  type: 'return',
  kind: 'exchange',
  wanted_variant: '全黑 43',
  rma_number: 'RMA0000000001',
  order_number: 'KF20261108004217',
  item_name: '跑步鞋',
  state_text: '等待商家审核',
  refund_amount: 0,
  return_address: null,
}

describe('the card of an RMA', () => {
  it('names an exchange and what it brings, and no money', () => {
    expect(cardView(RMA)?.label).toBe('换货')
    expect(rowsOf(RMA)).toEqual({ 换货单号: 'RMA0000000001', 商品: '跑步鞋', 换成: '全黑 43' })
  })

  it('takes a card without a kind for a return', () => {
    const older: ReturnCard = { ...RMA, kind: undefined, wanted_variant: undefined, refund_amount: 9900 }
    expect(cardView(older)?.label).toBe('退货')
    expect(rowsOf(older)['退款金额']).toBe('¥99.00')
  })
})
