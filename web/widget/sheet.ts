import { h, icon } from './dom'
import { CLOSE } from './icons'

/** A form over the chat: takes the focus, gives it back, and closes with Escape. */
export class Sheet {
  readonly element = h('div', { class: 'sheet-place', hidden: true })
  #before: HTMLElement | null = null

  /** `behind` cannot be reached while the sheet is open. */
  constructor(private readonly behind: () => readonly HTMLElement[]) {
    this.element.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || event.isComposing) return
      event.stopPropagation()
      this.close()
    })
  }

  get isOpen(): boolean {
    return !this.element.hidden
  }

  open(title: string, ...content: HTMLElement[]): void {
    const root = this.element.getRootNode() as Document | ShadowRoot
    if (!this.isOpen && root.activeElement instanceof HTMLElement) this.#before = root.activeElement
    const close = h('button', { type: 'button', class: 'close', 'aria-label': '关闭', onclick: () => this.close() }, icon(CLOSE))
    const head = h('div', { class: 'sheet-head' }, h('h3', { id: 'sheet-title', tabindex: -1 }, title), close)
    const sheet = h('div', { class: 'sheet', role: 'dialog', 'aria-modal': 'true', 'aria-labelledby': 'sheet-title' }, head, ...content)
    while (this.element.firstChild) this.element.firstChild.remove()
    this.element.append(sheet)
    this.element.hidden = false
    for (const part of this.behind()) part.setAttribute('inert', '')
    const first = sheet.querySelector<HTMLElement>('.sheet-body input, .sheet-body textarea, .sheet-body select, .sheet-body button')
    ;(first ?? close).focus()
  }

  close(): void {
    if (!this.isOpen) return
    this.element.hidden = true
    while (this.element.firstChild) this.element.firstChild.remove()
    for (const part of this.behind()) part.removeAttribute('inert')
    this.#before?.focus()
    this.#before = null
  }
}

/** A question with a quiet and a decided answer. */
export function question(text: string, yes: string, no: string, decide: () => void, cancel: () => void): HTMLElement {
  return h(
    'div',
    { class: 'sheet-body' },
    h('p', {}, text),
    h(
      'div',
      { class: 'choices' },
      h('button', { type: 'button', class: 'quiet', onclick: cancel }, no),
      h('button', { type: 'button', class: 'decided', onclick: decide }, yes),
    ),
  )
}
