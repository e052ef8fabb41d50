import { day, moment, yuan } from './format'
import type { ArticleCard, Button, Card, LogisticsCard, OrderCard, PaymentCard, RefundCard, ReturnCard } from './types'

export type Tone = 'good' | 'notice' | 'bad' | 'quiet'

/** A card as any page draws it, whatever it is about. */
export interface CardView {
  label: string
  number: string
  badge: string
  tone: Tone
  items: { name: string; detail: string; price: string }[]
  rows: { label: string; value: string; copy?: boolean; strong?: boolean }[]
  steps: { at: string; text: string }[]
  alert: string | null
  buttons: Button[]
}

const RMA_KINDS: Record<string, string> = { return: '退货', exchange: '换货', repair: '维修' }
const ORDER_TONES: Record<string, Tone> = { unpaid: 'notice', cancelled: 'quiet', closed: 'quiet' }

/** What to draw for `card`, or null for an article or a kind that this page does not know. */
export function cardView(card: Card): CardView | null {
  switch (card.type) {
    case 'order':
      return orderView(card)
    case 'logistics':
      return logisticsView(card)
    case 'return':
      return returnView(card)
    case 'refund':
      return refundView(card)
    case 'payment':
      return paymentView(card)
    default:
      return null
  }
}

function view(card: Exclude<Card, ArticleCard>, label: string, number: string, more: Partial<CardView>): CardView {
  const blank = { items: [], rows: [], steps: [], alert: null, tone: toneOf(card.state_text) }
  return { ...blank, label, number, badge: card.state_text, buttons: card.buttons ?? [], ...more }
}

function toneOf(stateText: string): Tone {
  if (/失败|异常|拒/.test(stateText)) return 'bad'
  if (/关闭|取消/.test(stateText)) return 'quiet'
  return /待|审核|处理/.test(stateText) ? 'notice' : 'good'
}

function orderView(card: OrderCard): CardView {
  return view(card, '订单', card.order_number, {
    tone: ORDER_TONES[card.state] ?? 'good',
    items: card.items.map((item) => ({
      name: item.name,
      detail: [item.variant, `×${item.quantity}`].filter(Boolean).join('　'),
      price: yuan(item.unit_price),
    })),
    rows: [
      { label: '下单时间', value: moment(card.placed_at) },
      ...(card.freight ? [{ label: '运费', value: yuan(card.freight) }] : []),
      ...(card.discount ? [{ label: '优惠', value: yuan(-card.discount) }] : []),
      { label: '合计', value: yuan(card.total), strong: true },
    ],
  })
}

function logisticsView(card: LogisticsCard): CardView {
  const rows: CardView['rows'] = [{ label: card.carrier_name, value: card.tracking_number, copy: true }]
  if (card.expected_at) rows.push({ label: '预计送达', value: day(card.expected_at), strong: true })
  const steps = card.events.map((event) => ({ at: moment(event.at), text: event.text }))
  return view(card, '物流', card.order_number, { rows, steps })
}

function returnView(card: ReturnCard): CardView {
  const kind = RMA_KINDS[card.kind ?? 'return'] ?? '售后'
  const rows: CardView['rows'] = [
    { label: `${kind}单号`, value: card.rma_number, copy: true },
    { label: '商品', value: card.item_name },
  ]
  if (card.wanted_variant) rows.push({ label: '换成', value: card.wanted_variant })
  if (card.refund_amount) rows.push({ label: '退款金额', value: yuan(card.refund_amount), strong: true })
  if (card.return_address) rows.push({ label: '寄回地址', value: card.return_address, copy: true })
  return view(card, kind, card.order_number, { rows })
}

function refundView(card: RefundCard): CardView {
  const rows: CardView['rows'] = [
    { label: '退款金额', value: yuan(card.amount), strong: true },
    { label: '退回至', value: card.channel },
  ]
  if (card.expected_at) rows.push({ label: '预计到账', value: day(card.expected_at) })
  return view(card, '退款', card.order_number, { rows })
}

function paymentView(card: PaymentCard): CardView {
  const rows = [
    { label: '支付方式', value: card.method },
    { label: '金额', value: yuan(card.amount), strong: true },
  ]
  const tone = card.failure_text ? 'bad' : toneOf(card.state_text)
  return view(card, '支付', card.order_number, { rows, tone, alert: card.failure_text })
}
