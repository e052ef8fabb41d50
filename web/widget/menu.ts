import { h, icon } from './dom'
import { MORE } from './icons'

export interface MenuItem {
  title: string
  /** A switch that is on or off; without it the item does something. */
  on?: boolean
  act(): void
}

/** A button that shows more things to do. */
export class Menu {
  readonly element: HTMLElement
  readonly #button = h('button', { type: 'button', class: 'more', 'aria-label': '更多', 'aria-expanded': 'false', 'aria-controls': 'menu' }, icon(MORE))
  readonly #list = h('ul', { id: 'menu', class: 'menu', hidden: true })

  /** `items` is asked each time the menu opens. */
  constructor(private readonly items: () => readonly MenuItem[]) {
    this.element = h('div', { class: 'menu-place' }, this.#button, this.#list)
    this.#button.addEventListener('click', () => this.#toggle(this.#list.hidden))
    this.element.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || this.#list.hidden) return
      event.stopPropagation()
      this.#toggle(false)
      this.#button.focus()
    })
    this.element.addEventListener('focusout', (event) => {
      if (!this.element.contains(event.relatedTarget as Node | null)) this.#toggle(false)
    })
  }

  #toggle(open: boolean): void {
    this.#button.setAttribute('aria-expanded', String(open))
    this.#list.hidden = !open
    if (!open) return
    while (this.#list.firstChild) this.#list.firstChild.remove()
    for (const item of this.items()) this.#list.append(h('li', {}, this.#entry(item)))
    this.#list.querySelector('button')?.focus()
  }

  #entry({ title, on, act }: MenuItem): HTMLElement {
    const press = () => {
      // The button first, so that a sheet gives the focus back to something that is still there.
      this.#button.focus()
      this.#toggle(false)
      act()
    }
    if (on === undefined) return h('button', { type: 'button', onclick: press }, title)
    const state = h('span', { class: 'switch', 'aria-hidden': 'true' }, on ? '已开启' : '已关闭')
    return h('button', { type: 'button', 'aria-pressed': String(on), onclick: press }, title, state)
  }
}
