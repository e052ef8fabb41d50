import type { Card } from '../../common/types'
import type { Suggestion } from '../types'

const CARDS: Record<Card['type'], string> = { order: '订单', logistics: '物流', return: '售后', refund: '退款', payment: '付款', article: '帮助文章' }

/** What leaves with the words when they are sent as they are, and what does not. */
export function attached(one: Pick<Suggestion, 'cards' | 'left_out'>): string {
  const counted = new Map<string, number>()
  for (const card of one.cards) {
    const name = CARDS[card.type] ?? '资料'
    counted.set(name, (counted.get(name) ?? 0) + 1)
  }
  const cards = [...counted].map(([name, number]) => `${name}卡片${number > 1 ? ` ${number} 张` : ''}`).join('、')
  const buttons = one.left_out.map((title) => `「${title}」`).join('')
  return [cards ? `直接发送时附带${cards}` : '', buttons ? `不含机器人的按钮${buttons}` : ''].filter(Boolean).join('；')
}
