import { copyText } from './copying'
import { h } from './dom'

/** WeChat's browser opens no second window and, on iOS, keeps no files. */
export function inWeChat(): boolean {
  return /MicroMessenger/i.test(navigator.userAgent)
}

/**
 * Open the talk at an address that expires: as a page in a window of its own, or as a text file.
 *
 * The window opens before the address is known, since browsers allow one only at a press.
 */
export async function keep(format: 'page' | 'text', address: () => Promise<string>): Promise<void> {
  if (format === 'text') {
    follow(`${await address()}&format=text`)
    return
  }
  // There `open` may take this page itself away.
  const opened = inWeChat() ? null : window.open('', '_blank')
  try {
    const url = await address()
    if (opened) {
      opened.opener = null
      opened.location.replace(url)
    } else follow(url)
  } catch (error) {
    opened?.close()
    throw error
  }
}

// The text comes as an attachment: the page stays. Where windows are forbidden, the page goes.
function follow(url: string): void {
  location.assign(url)
}

/** The talk's text, to be copied where no file can be kept. */
export function textToCopy(text: string): HTMLElement {
  const field = h('textarea', { readonly: true, rows: 12, 'aria-label': '聊天记录' })
  field.value = text
  const told = h('p', { role: 'status' }, '微信内不能保存文件：请复制下面的文字，粘贴到“文件传输助手”或备忘录。')
  const copy = () => {
    void copyText(text).then((copied) => (told.textContent = copied ? '已复制。' : '复制失败，请长按文字，全选后复制。'))
  }
  const button = h('button', { type: 'button', class: 'decided', onclick: copy }, '复制全部')
  return h('div', { class: 'sheet-body' }, told, field, h('div', { class: 'choices' }, button))
}
