import type { ConversationState } from '../common/types'
import type { Snapshot } from './chat'
import { h, icon } from './dom'
import { renderLog } from './log'
import type { LogActions } from './log'
import { timeline } from './timeline'

export interface PanelActions extends LogActions {
  say(text: string): void
  begin(): void
  close(): void
}

const TITLES: Record<ConversationState, string> = {
  bot: '智能客服为您服务',
  waiting: '正在为您转接人工客服',
  assigned: '人工客服为您服务',
  closed: '本次会话已结束',
}
const SAFETY = '客服不会索要密码、验证码或银行卡号，请勿在聊天中发送。'
const LONGEST = 2000
const NEAR_LONGEST = 1800
const CLOSE = 'M6 6l12 12M18 6L6 18'
const SEND = 'M4 12l16-8-6 16-3-7-7-1z'
const DOWN = 'M6 10l6 6 6-6'

/** The chat window: draws snapshots, and tells what the shopper did. */
export class Panel {
  readonly element: HTMLElement
  readonly #subtitle = h('p', { class: 'subtitle' })
  readonly #person = h('button', { type: 'button', class: 'person' }, '转人工')
  readonly #banner = h('div', { class: 'banner', role: 'status', hidden: true })
  readonly #list = h('div', { class: 'log', role: 'log', 'aria-live': 'polite', 'aria-label': '聊天记录' })
  readonly #typing = typingDots()
  readonly #loading = h('p', { class: 'loading', role: 'status' }, '正在连接客服…')
  readonly #scroller: HTMLElement
  readonly #newest = h('button', { type: 'button', class: 'newest', hidden: true, 'aria-label': '查看最新消息' })
  readonly #input = h('textarea', {
    rows: 1,
    maxlength: LONGEST,
    placeholder: '请输入您的问题…',
    'aria-label': '消息内容',
    enterkeyhint: 'send',
    autocomplete: 'off',
  })
  readonly #send = h('button', { type: 'submit', class: 'send', 'aria-label': '发送', disabled: true }, icon(SEND))
  readonly #count = h('span', { class: 'count', hidden: true })
  readonly #composer: HTMLFormElement
  readonly #ended: HTMLElement
  #followedTo = 0

  constructor(private readonly actions: PanelActions) {
    this.#composer = h('form', { class: 'composer' }, this.#input, this.#count, this.#send)
    const again = h('button', { type: 'button', onclick: () => this.actions.begin() }, '开始新的咨询')
    this.#ended = h('div', { class: 'ended', hidden: true }, h('p', {}, '感谢您的咨询，祝您生活愉快。'), again)
    this.#scroller = h(
      'div',
      { class: 'scroller', tabindex: 0, role: 'region', 'aria-label': '聊天内容' },
      h('p', { class: 'safety' }, SAFETY),
      this.#loading,
      this.#list,
      this.#typing,
    )
    this.#newest.append(icon(DOWN))
    this.element = h(
      'div',
      { class: 'panel', role: 'dialog', 'aria-label': '在线客服' },
      this.#header(),
      this.#banner,
      h('div', { class: 'middle' }, this.#scroller, this.#newest),
      this.#composer,
      this.#ended,
    )
    this.#listen()
  }

  draw(snapshot: Snapshot): void {
    const { talk, outgoing, loaded } = snapshot
    const following = this.#following()
    const entries = timeline(talk, outgoing)
    this.#subtitle.textContent = TITLES[talk.state]
    this.#drawPerson(talk.state)
    this.#drawBanner(snapshot)
    this.#loading.hidden = loaded || entries.length > 0 || snapshot.problem !== null
    renderLog(this.#list, entries, this.actions)
    this.#typing.hidden = !snapshot.typing
    const closed = talk.state === 'closed'
    this.#composer.hidden = closed
    this.#ended.hidden = !closed
    if (following) this.#follow()
    this.#newest.hidden = this.#atEnd()
  }

  focus(): void {
    this.#input.focus()
  }

  /** Show the newest messages, and go on doing so. */
  toEnd(): void {
    this.#scroller.scrollTop = this.#scroller.scrollHeight
    this.#followedTo = this.#scroller.scrollTop
    this.#newest.hidden = true
  }

  // A long answer is shown from its beginning: the shopper's own last words stay in sight.
  #follow(): void {
    const own = [...this.#list.querySelectorAll<HTMLElement>('.row.shopper')].at(-1)
    const end = this.#scroller.scrollHeight - this.#scroller.clientHeight
    this.#scroller.scrollTop = own ? Math.min(end, own.offsetTop - 12) : end
    this.#followedTo = this.#scroller.scrollTop
  }

  #following(): boolean {
    return this.#atEnd() || Math.abs(this.#scroller.scrollTop - this.#followedTo) < 2
  }

  #header(): HTMLElement {
    const close = h('button', { type: 'button', class: 'close', 'aria-label': '收起聊天窗口' }, icon(CLOSE))
    close.addEventListener('click', () => this.actions.close())
    this.#person.addEventListener('click', () => this.actions.say('转人工'))
    const title = h('div', { class: 'title' }, h('h2', {}, '在线客服'), this.#subtitle)
    return h('header', { class: 'head' }, title, this.#person, close)
  }

  #drawPerson(state: ConversationState): void {
    this.#person.hidden = state === 'closed'
    this.#person.disabled = state === 'waiting' || state === 'assigned'
    this.#person.textContent = { bot: '转人工', waiting: '转接中', assigned: '人工服务中', closed: '' }[state]
  }

  #drawBanner({ line, problem, talk, queuePosition }: Snapshot): void {
    let text = ''
    if (problem) text = problem
    else if (line === 'offline') text = '网络已断开，正在重新连接。您可以继续输入，恢复后会自动发送。'
    else if (talk.state === 'waiting') text = waitingText(queuePosition)
    else if (talk.state === 'assigned') text = '客服已接入，请直接留言。'
    this.#banner.hidden = text === ''
    this.#banner.classList.toggle('trouble', Boolean(problem) || line === 'offline')
    if (this.#banner.textContent !== text) this.#banner.textContent = text
  }

  #listen(): void {
    this.#composer.addEventListener('submit', (event) => {
      event.preventDefault()
      this.#submit()
    })
    this.#input.addEventListener('keydown', (event) => {
      // While an input method is composing, Enter picks a word. (229: Safari's key code for that.)
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return
      event.preventDefault()
      this.#submit()
    })
    this.#input.addEventListener('input', () => this.#resize())
    this.#newest.addEventListener('click', () => this.toEnd())
    this.#scroller.addEventListener('scroll', () => {
      if (this.#atEnd()) this.#newest.hidden = true
    })
    this.element.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && !event.isComposing) this.actions.close()
    })
  }

  #submit(): void {
    const text = this.#input.value.trim()
    if (text === '') return
    this.#input.value = ''
    this.#resize()
    this.actions.say(text)
    this.toEnd()
    this.#input.focus()
  }

  #resize(): void {
    const { value } = this.#input
    this.#send.disabled = value.trim() === ''
    this.#count.hidden = value.length < NEAR_LONGEST
    this.#count.textContent = `${value.length}/${LONGEST}`
    this.#input.style.height = 'auto'
    this.#input.style.height = `${Math.min(this.#input.scrollHeight, 120)}px`
  }

  #atEnd(): boolean {
    const { scrollTop, clientHeight, scrollHeight } = this.#scroller
    return scrollHeight - scrollTop - clientHeight < 60
  }
}

function waitingText(position: number | null): string {
  if (position === null) return '转接人工中，请稍候。您可以先描述问题，客服接入后会看到。'
  return `转接人工中，您排在第 ${position} 位。您可以先描述问题，客服接入后会看到。`
}

function typingDots(): HTMLElement {
  const dots = h('div', { class: 'bubble dots' }, h('i'), h('i'), h('i'))
  return h('div', { class: 'row bot', role: 'status', 'aria-label': '对方正在输入', hidden: true }, dots)
}
