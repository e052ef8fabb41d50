import { describe, expect, it } from 'vitest'

import { cardView } from '../common/cards'
import type { OrderCard } from '../common/types'

const CARD: OrderCard = {
  type: 'order',
  order_number: 'KF20261108004217',
  state: 'paid',
  state_text: '待发货',
  placed_at: '2026-11-08T03:00:00+00:00',
  total: 9500,
  items: [{ item_id: '1', name: '保温杯', variant: '', quantity: 1, unit_price: 9000 }],
}

const rowsOf = (card: OrderCard) => Object.fromEntries((cardView(card)?.rows ?? []).map((row) => [row.label, row.value]))

describe('an order card', () => {
  it('shows what makes the total differ from its items', () => {
    const rows = rowsOf({ ...CARD, freight: 1000, discount: 500 })
    expect([rows['运费'], rows['优惠'], rows['合计']]).toEqual(['¥10.00', '-¥5.00', '¥95.00'])
  })

  it('shows neither freight nor discount where there is none', () => {
    expect(Object.keys(rowsOf({ ...CARD, freight: 0 }))).toEqual(['下单时间', '合计'])
  })
})
