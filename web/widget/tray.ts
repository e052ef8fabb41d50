import { preparePicture } from '../common/picture'
import type { ReadyPicture } from '../common/picture'
import { sentenceOf } from '../common/problem'
import { h, icon } from './dom'
import { CAMERA, CLOSE, PICTURE } from './icons'

/** At a time; what comes after them is sent the same way. */
export const MOST_PICTURES = 9

/**
 * Pictures that are chosen and not sent yet: from the album, the camera, the clipboard or dropped
 * on the chat. Each is shown and can be taken out again.
 */
export class PictureTray {
  readonly element = h('div', { class: 'tray', hidden: true })
  readonly buttons: HTMLElement
  readonly #list = h('ul', { class: 'chosen', 'aria-label': '待发送的图片' })
  readonly #trouble = h('p', { class: 'trouble', role: 'alert', hidden: true })
  #pictures: ReadyPicture[] = []
  #reading = 0

  /** `changed` is called when there are more pictures or fewer. */
  constructor(private readonly changed: () => void) {
    this.element.append(this.#list, this.#trouble)
    this.buttons = h('div', { class: 'tools' }, this.#chooser('发送图片', PICTURE, {}), this.#camera())
  }

  get isEmpty(): boolean {
    return this.#pictures.length === 0
  }

  get isReading(): boolean {
    return this.#reading > 0
  }

  /** The pictures, to be sent; the tray is empty then. */
  take(): ReadyPicture[] {
    const taken = this.#pictures
    this.#pictures = []
    this.#complain('')
    this.#draw()
    return taken
  }

  async add(files: readonly Blob[]): Promise<void> {
    const room = MOST_PICTURES - this.#pictures.length - this.#reading
    const wanted = files.slice(0, Math.max(0, room))
    this.#complain(files.length > wanted.length ? `一次最多发送 ${MOST_PICTURES} 张图片，请分几次发送。` : '')
    this.#reading += wanted.length
    this.#draw()
    for (const file of wanted) await this.#read(file)
  }

  /** Take what is pasted into `place` or dropped on it. */
  listen(place: HTMLElement): void {
    place.addEventListener('paste', (event) => this.#accept(event, event.clipboardData))
    place.addEventListener('dragover', (event) => {
      if (!event.dataTransfer?.types.includes('Files')) return
      event.preventDefault()
      place.classList.add('dropping')
    })
    place.addEventListener('dragleave', (event) => {
      const inside = event.relatedTarget instanceof Node && place.contains(event.relatedTarget)
      if (!inside) place.classList.remove('dropping')
    })
    place.addEventListener('drop', (event) => {
      place.classList.remove('dropping')
      this.#accept(event, event.dataTransfer)
    })
  }

  // Text that an office program puts on the clipboard comes with a picture of it: the text counts.
  #accept(event: Event, data: DataTransfer | null): void {
    const files = Array.from(data?.files ?? [])
    if (files.length === 0 || (event.type === 'paste' && data?.types.includes('text/plain'))) return
    event.preventDefault()
    void this.add(files)
  }

  async #read(file: Blob): Promise<void> {
    try {
      this.#pictures.push(await preparePicture(file))
    } catch (error) {
      this.#complain(sentenceOf(error))
    } finally {
      this.#reading -= 1
      this.#draw()
    }
  }

  #camera(): HTMLElement | null {
    // A computer has no camera for this, and its chooser would only open twice.
    if (!matchMedia('(pointer: coarse)').matches) return null
    return this.#chooser('拍照发送', CAMERA, { capture: 'environment' })
  }

  #chooser(title: string, path: string, more: Record<string, string>): HTMLElement {
    const input = h('input', { type: 'file', accept: 'image/*', multiple: !more['capture'], hidden: true, 'aria-label': title, ...more })
    input.addEventListener('change', () => {
      const files = Array.from(input.files ?? [])
      // The same file may be chosen again.
      input.value = ''
      void this.add(files)
    })
    return h('span', {}, h('button', { type: 'button', class: 'tool', 'aria-label': title, onclick: () => input.click() }, icon(path)), input)
  }

  #remove(picture: ReadyPicture): void {
    this.#pictures = this.#pictures.filter((one) => one !== picture)
    this.#complain('')
    this.#draw()
  }

  #complain(text: string): void {
    this.#trouble.textContent = text
    this.#trouble.hidden = text === ''
  }

  #draw(): void {
    while (this.#list.firstChild) this.#list.firstChild.remove()
    this.#pictures.forEach((picture, index) => {
      const title = `第 ${index + 1} 张图片`
      const remove = h('button', { type: 'button', class: 'remove', 'aria-label': `移除${title}`, onclick: () => this.#remove(picture) }, icon(CLOSE))
      this.#list.append(h('li', {}, frame(picture, title), remove))
    })
    if (this.#reading > 0) this.#list.append(h('li', { class: 'reading', role: 'status' }, '处理中…'))
    this.element.hidden = this.isEmpty && !this.isReading && this.#trouble.hidden
    this.changed()
  }
}

/** The picture, or a sign in its place where this browser cannot draw it. */
export function frame(picture: ReadyPicture | null, title: string): HTMLElement {
  const drawing = picture?.preview ?? null
  drawing?.setAttribute('aria-hidden', 'true')
  return h('span', { class: 'frame', role: 'img', 'aria-label': title }, drawing ?? icon(PICTURE))
}
