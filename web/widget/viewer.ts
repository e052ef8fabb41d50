import { h, icon } from './dom'
import { CLOSE } from './icons'

/** One picture over everything else; Escape, the cross or a press anywhere closes it. */
export class Viewer {
  readonly element = h('div', { class: 'viewer', role: 'dialog', 'aria-modal': 'true', 'aria-label': '查看图片', hidden: true })
  #before: HTMLElement | null = null

  constructor() {
    this.element.addEventListener('click', () => this.close())
    this.element.addEventListener('keydown', (event) => {
      // There is one thing to press, and the chat behind must not hear of it.
      if (event.key === 'Tab') event.preventDefault()
      if (event.key === 'Escape') this.close()
      event.stopPropagation()
    })
  }

  /** Show the picture; the focus goes back to `opener` afterwards. */
  show(picture: HTMLImageElement, opener: HTMLElement): void {
    const close = h('button', { type: 'button', class: 'close', 'aria-label': '关闭图片' }, icon(CLOSE))
    this.#before = opener
    this.element.append(picture, close)
    this.element.hidden = false
    close.focus()
  }

  close(): void {
    if (this.element.hidden) return
    this.element.hidden = true
    while (this.element.firstChild) this.element.firstChild.remove()
    this.#before?.focus()
    this.#before = null
  }
}
