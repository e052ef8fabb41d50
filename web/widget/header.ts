import type { ConversationState } from '../common/types'
import { h, icon } from './dom'
import { CLOSE } from './icons'
import { Menu } from './menu'
import type { MenuItem } from './menu'

export interface HeaderActions {
  person(): void
  menu(): readonly MenuItem[]
  close(): void
}

const TITLES: Record<ConversationState, string> = {
  bot: '智能客服为您服务',
  waiting: '正在转接人工客服',
  assigned: '人工客服为您服务',
  closed: '本次会话已结束',
}
const PERSON: Record<ConversationState, string> = { bot: '转人工', waiting: '转接中', assigned: '人工服务中', closed: '' }

/** Who is talked to, the way to a person, more to do, and the way out. */
export class Header {
  readonly element: HTMLElement
  readonly #brand = h('h2', {}, '在线客服')
  readonly #subtitle = h('p', { class: 'subtitle' })
  readonly #person: HTMLButtonElement

  constructor(actions: HeaderActions) {
    this.#person = h('button', { type: 'button', class: 'person', onclick: () => actions.person() }, '转人工')
    const close = h('button', { type: 'button', class: 'close', 'aria-label': '收起聊天窗口', onclick: () => actions.close() }, icon(CLOSE))
    const title = h('div', { class: 'title' }, this.#brand, this.#subtitle)
    this.element = h('div', { class: 'head' }, title, this.#person, new Menu(() => actions.menu()).element, close)
  }

  name(brand: string): void {
    this.#brand.textContent = brand
  }

  draw(state: ConversationState): void {
    this.#subtitle.textContent = TITLES[state]
    this.#person.hidden = state === 'closed'
    this.#person.disabled = state === 'waiting' || state === 'assigned'
    this.#person.textContent = PERSON[state]
  }
}
