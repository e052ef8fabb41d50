import { cardView } from '../common/cards'
import type { CardView } from '../common/cards'
import { articleAddress } from '../common/links'
import type { ArticleCard, Button, Card } from '../common/types'
import { copyText } from './copying'
import { h } from './dom'

const STEPS_AT_ONCE = 3

type ButtonRow = (list: readonly Button[]) => HTMLElement | null

/** A card as an element, or null for a kind that is not known here; articles lie at `base`. */
export function renderCard(card: Card, buttons: ButtonRow, base: string): HTMLElement | null {
  if (card.type === 'article') return article(card, base)
  const view = cardView(card)
  if (!view) return null
  return h(
    'section',
    { class: 'card', 'data-card': card.type, 'aria-label': `${view.label} ${view.number}` },
    head(view),
    view.alert ? h('p', { class: 'alert' }, view.alert) : null,
    view.items.length > 0 ? items(view) : null,
    rows(view),
    view.steps.length > 0 ? steps(view) : null,
    buttons(view.buttons),
  )
}

function article(card: ArticleCard, base: string): HTMLElement | null {
  const href = articleAddress(card.url, base)
  if (href === null) return null
  return h(
    'a',
    { class: 'card article', 'data-card': 'article', href, target: '_blank', rel: 'noopener' },
    h('span', { class: 'card-label' }, '帮助中心'),
    h('span', { class: 'article-title' }, card.title, card.section ? h('small', {}, card.section) : null),
    h('span', { class: 'article-go' }, '查看全文', h('span', { class: 'unseen' }, '（在新窗口打开）')),
  )
}

function head(view: CardView): HTMLElement {
  return h(
    'header',
    { class: 'card-head' },
    h('div', {}, h('span', { class: 'card-label' }, view.label), h('span', { class: 'card-number' }, view.number)),
    h('span', { class: `badge ${view.tone}` }, view.badge),
  )
}

function items(view: CardView): HTMLElement {
  const lines = view.items.map((item) =>
    h(
      'li',
      {},
      h('div', { class: 'item-name' }, item.name, h('small', {}, item.detail)),
      h('span', { class: 'price' }, item.price),
    ),
  )
  return h('ul', { class: 'items' }, ...lines)
}

function rows(view: CardView): HTMLElement {
  const list = h('dl', { class: 'rows' })
  for (const row of view.rows) {
    const value = h('dd', { class: row.strong ? 'strong' : undefined }, row.value)
    if (row.copy) value.append(copyButton(row.value, row.label))
    list.append(h('div', {}, h('dt', {}, row.label), value))
  }
  return list
}

function copyButton(value: string, label: string): HTMLElement {
  const button = h('button', { type: 'button', class: 'copy', 'aria-label': `复制${label}` }, '复制')
  button.addEventListener('click', () => {
    void copyText(value).then((copied) => {
      const told = copied ? '已复制' : '复制失败，请长按号码复制'
      button.textContent = told
      button.setAttribute('aria-label', told)
    })
  })
  return button
}

function steps(view: CardView): HTMLElement {
  const line = (step: { at: string; text: string }) =>
    h('li', {}, h('p', {}, step.text), h('time', {}, step.at))
  const first = h('ol', { class: 'steps' }, ...view.steps.slice(0, STEPS_AT_ONCE).map(line))
  const rest = view.steps.slice(STEPS_AT_ONCE)
  if (rest.length === 0) return first
  const more = h(
    'details',
    {},
    h('summary', {}, h('span', { class: 'folded' }, `展开更早的 ${rest.length} 条物流记录`), h('span', { class: 'unfolded' }, '收起更早的物流记录')),
    h('ol', { class: 'steps old' }, ...rest.map(line)),
  )
  return h('div', {}, first, more)
}
