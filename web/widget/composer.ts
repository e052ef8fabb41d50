import type { ReadyPicture } from '../common/picture'
import { h, icon } from './dom'
import { LONGEST, MOST_PARTS, parts } from './parts'
import { PictureTray } from './tray'

export interface ComposerActions {
  say(text: string): void
  sendPictures(pictures: readonly ReadyPicture[]): void
  /** Called while the shopper types, as often as they do. */
  typing(): void
}

const SEND = 'M4 12l16-8-6 16-3-7-7-1z'
const NEAR_LONGEST = 1800

/** Where the shopper writes. Nothing is cut off: what is too long goes as several messages. */
export class Composer {
  readonly element: HTMLFormElement
  readonly input = h('textarea', {
    rows: 1,
    placeholder: '请输入您的问题…',
    'aria-label': '消息内容',
    'aria-describedby': 'length',
    enterkeyhint: 'send',
    autocomplete: 'off',
  })
  readonly #send = h('button', { type: 'submit', class: 'send', 'aria-label': '发送', disabled: true }, icon(SEND))
  readonly tray = new PictureTray(() => this.resize())
  readonly #length = h('p', { id: 'length', class: 'length', role: 'status', hidden: true })

  constructor(private readonly actions: ComposerActions) {
    const line = h('div', { class: 'line' }, this.tray.buttons, this.input, this.#send)
    this.element = h('form', { class: 'composer' }, this.tray.element, this.#length, line)
    this.element.addEventListener('submit', (event) => {
      event.preventDefault()
      this.#submit()
    })
    this.input.addEventListener('keydown', (event) => {
      // While an input method is composing, Enter picks a word. (229: Safari's key code for that.)
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return
      event.preventDefault()
      this.#submit()
    })
    this.input.addEventListener('input', () => {
      this.resize()
      if (this.input.value.trim() !== '') this.actions.typing()
    })
  }

  resize(): void {
    const { value } = this.input
    const count = parts(value).length
    this.#send.disabled = (count === 0 && this.tray.isEmpty) || count > MOST_PARTS || this.tray.isReading
    this.#length.hidden = value.length < NEAR_LONGEST
    this.#length.textContent = lengthText(value.length, count)
    this.#length.classList.toggle('trouble', count > MOST_PARTS)
    this.input.style.height = 'auto'
    this.input.style.height = `${Math.min(this.input.scrollHeight, 120)}px`
  }

  #submit(): void {
    const messages = parts(this.input.value)
    if (this.#send.disabled) return
    if (!this.tray.isEmpty) this.actions.sendPictures(this.tray.take())
    this.input.value = ''
    this.resize()
    for (const text of messages) this.actions.say(text)
    this.input.focus()
  }
}

function lengthText(length: number, count: number): string {
  if (count > MOST_PARTS) return `已输入 ${length} 字，一次最多发送 ${LONGEST * MOST_PARTS} 字，请删减后再发送。`
  if (count > 1) return `已输入 ${length} 字，将分成 ${count} 条发送。`
  return `${length}/${LONGEST}`
}
