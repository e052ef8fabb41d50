import type { ReadyPicture } from '../common/picture'
import { sentenceOf } from '../common/problem'
import type { TicketForm } from './api'
import type { Snapshot } from './chat'
import { Composer } from './composer'
import { h, icon } from './dom'
import { Header } from './header'
import { DOWN } from './icons'
import { inWeChat, textToCopy } from './keeping'
import { leaveMessageForm } from './leaveMessage'
import { renderLog } from './log'
import type { LogActions } from './log'
import type { MenuItem } from './menu'
import { question, Sheet } from './sheet'
import { receipt, timeline } from './timeline'
import { Viewer } from './viewer'
import { closedText, isClosed, waitingText } from './waiting'

export interface PanelActions extends LogActions {
  say(text: string): void
  sendPictures(pictures: readonly ReadyPicture[]): void
  typing(): void
  begin(): void
  end(): Promise<void>
  leaveQueue(): Promise<void>
  openTicket(form: TicketForm): Promise<string>
  /** Open the talk as a page to print, or as a text to keep. */
  keep(format: 'page' | 'text'): Promise<void>
  /** The talk as plain text. */
  transcript(): Promise<string>
  sound(on: boolean): void
  close(): void
  readonly hasSound: boolean
  readonly isKnown: boolean
  readonly orderNumber: string
}

const SAFETY = '客服不会索要密码、验证码或银行卡号，请勿在聊天中发送。'

/** The chat window: draws snapshots, and tells what the shopper did. */
export class Panel {
  readonly element: HTMLElement
  readonly composer: Composer
  readonly #header: Header
  readonly #news = h('p', { role: 'status' })
  readonly #leave = h('button', { type: 'button', class: 'leave' }, '取消排队')
  readonly #banner = h('div', { class: 'banner', hidden: true }, this.#news, this.#leave)
  readonly #list = h('div', { class: 'log', role: 'log', 'aria-live': 'polite', 'aria-label': '聊天记录' })
  readonly #delivered = h('p', { class: 'delivered', hidden: true })
  readonly #typing = typingDots()
  readonly #loading = h('p', { class: 'loading', role: 'status' }, '正在连接客服…')
  readonly #scroller: HTMLElement
  readonly #newest = h('button', { type: 'button', class: 'newest', hidden: true, 'aria-label': '查看最新消息' }, icon(DOWN))
  readonly #ended: HTMLElement
  readonly #sheet: Sheet
  readonly #viewer = new Viewer()
  #snapshot: Snapshot | null = null
  #complaint = ''
  #followedTo = 0

  constructor(private readonly actions: PanelActions) {
    this.#header = new Header({ person: () => this.#askForPerson(), menu: () => this.#menu(), close: () => this.actions.close() })
    this.composer = new Composer({
      say: (text) => {
        this.actions.say(text)
        this.toEnd()
      },
      sendPictures: (pictures) => {
        this.actions.sendPictures(pictures)
        this.toEnd()
      },
      typing: () => this.actions.typing(),
    })
    const again = h('button', { type: 'button', onclick: () => this.actions.begin() }, '开始新的咨询')
    this.#ended = h('div', { class: 'ended', hidden: true }, h('p', {}, '还有其他问题，随时可以再来咨询。'), again)
    this.#scroller = h(
      'div',
      { class: 'scroller', tabindex: 0, role: 'region', 'aria-label': '聊天内容' },
      h('p', { class: 'safety' }, SAFETY),
      this.#loading,
      this.#list,
      this.#delivered,
      this.#typing,
    )
    const middle = h('div', { class: 'middle' }, this.#scroller, this.#newest)
    const parts = [this.#header.element, this.#banner, middle, this.composer.element, this.#ended]
    this.#sheet = new Sheet(() => parts)
    this.element = h(
      'div',
      { class: 'panel', role: 'dialog', 'aria-label': '在线客服' },
      ...parts,
      this.#sheet.element,
      h('p', { class: 'drop-hint', 'aria-hidden': 'true' }, '松开鼠标，添加图片'),
      this.#viewer.element,
    )
    this.composer.tray.listen(this.element)
    this.#listen()
  }

  draw(snapshot: Snapshot): void {
    const { talk, outgoing, loaded } = snapshot
    if (talk.lastSeq !== this.#snapshot?.talk.lastSeq) this.#complaint = ''
    this.#snapshot = snapshot
    const following = this.#following()
    const entries = timeline(talk, outgoing)
    this.#header.draw(talk.state)
    this.#drawBanner(snapshot)
    this.#loading.hidden = loaded || entries.length > 0 || snapshot.problem !== null
    renderLog(this.#list, entries, this.actions)
    const told = receipt(talk, outgoing, snapshot.readUpTo)
    this.#delivered.hidden = told === null
    this.#delivered.textContent = told
    this.#typing.hidden = !snapshot.typing
    const closed = talk.state === 'closed'
    this.composer.element.hidden = closed
    this.#ended.hidden = !closed
    if (following) this.#follow()
    this.#newest.hidden = this.#atEnd()
  }

  /** Name the shop that is talked to. */
  name(brand: string): void {
    this.#header.name(brand)
  }

  /** Show a picture large. */
  view(picture: HTMLImageElement, opener: HTMLElement): void {
    this.#viewer.show(picture, opener)
  }

  focus(): void {
    this.composer.input.focus()
  }

  /** Show the newest messages, and go on doing so. */
  toEnd(): void {
    this.#scroller.scrollTop = this.#scroller.scrollHeight
    this.#followedTo = this.#scroller.scrollTop
    this.#newest.hidden = true
  }

  // A long answer is shown from its beginning: the shopper's own last words stay in sight.
  #follow(): void {
    const rows = this.#list.querySelectorAll<HTMLElement>('.row.shopper')
    const own = rows[rows.length - 1]
    const end = this.#scroller.scrollHeight - this.#scroller.clientHeight
    this.#scroller.scrollTop = own ? Math.min(end, own.offsetTop - 12) : end
    this.#followedTo = this.#scroller.scrollTop
  }

  #following(): boolean {
    return this.#atEnd() || Math.abs(this.#scroller.scrollTop - this.#followedTo) < 2
  }

  #askForPerson(): void {
    const people = this.#snapshot?.people ?? null
    const now = new Date()
    if (people && isClosed(people, now)) this.#leaveMessage(closedText(people, now))
    else this.actions.say('转人工')
  }

  #menu(): MenuItem[] {
    const { hasSound } = this.actions
    const items: MenuItem[] = [
      { title: '新消息提示音', on: hasSound, act: () => this.actions.sound(!hasSound) },
      { title: '留言给人工客服', act: () => this.#leaveMessage('') },
      { title: '打印聊天记录', act: () => this.#try(this.actions.keep('page')) },
      { title: '保存为文本', act: () => this.#try(this.#keepText()) },
    ]
    const closed = this.#snapshot?.talk.state === 'closed'
    return closed ? items : [...items, { title: '结束会话', act: () => this.#confirmEnd() }]
  }

  async #keepText(): Promise<void> {
    if (inWeChat()) this.#sheet.open('聊天记录', textToCopy(await this.actions.transcript()))
    else await this.actions.keep('text')
  }

  #leaveMessage(reason: string): void {
    const form = leaveMessageForm({
      reason,
      known: this.actions.isKnown,
      orderNumber: this.actions.orderNumber,
      send: (ticket) => this.actions.openTicket(ticket),
      done: () => this.#sheet.close(),
    })
    this.#sheet.open('留言', form)
  }

  #confirmEnd(): void {
    const end = () => {
      this.#sheet.close()
      this.#try(this.actions.end())
    }
    this.#sheet.open('结束会话？', question('结束后可以保存聊天记录，也可以随时开始新的咨询。', '结束会话', '再想想', end, () => this.#sheet.close()))
  }

  /** What goes wrong is told in the banner, until the talk goes on. */
  #try(work: Promise<void>): void {
    work.then(
      () => this.#complain(''),
      (error: unknown) => this.#complain(sentenceOf(error)),
    )
  }

  #complain(text: string): void {
    this.#complaint = text
    if (this.#snapshot) this.#drawBanner(this.#snapshot)
  }

  #drawBanner({ line, problem, talk, place }: Snapshot): void {
    const trouble = problem ?? (this.#complaint || (line === 'offline' ? '网络已断开，正在重新连接。您可以继续输入，恢复后会自动发送。' : ''))
    let text = trouble
    if (text === '' && talk.state === 'waiting') text = waitingText(place)
    else if (text === '' && talk.state === 'assigned') text = '客服已接入，请直接留言。'
    this.#banner.hidden = text === ''
    this.#leave.hidden = trouble !== '' || talk.state !== 'waiting'
    this.#banner.classList.toggle('trouble', trouble !== '')
    if (this.#news.textContent !== text) this.#news.textContent = text
  }

  #listen(): void {
    this.#leave.addEventListener('click', () => this.#try(this.actions.leaveQueue()))
    this.#newest.addEventListener('click', () => this.toEnd())
    this.#scroller.addEventListener('scroll', () => {
      if (this.#atEnd()) this.#newest.hidden = true
    })
    this.element.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && !event.isComposing) this.actions.close()
    })
  }

  #atEnd(): boolean {
    const { scrollTop, clientHeight, scrollHeight } = this.#scroller
    return scrollHeight - scrollTop - clientHeight < 60
  }
}

function typingDots(): HTMLElement {
  const dots = h('div', { class: 'bubble dots' }, h('i'), h('i'), h('i'))
  return h('div', { class: 'row bot', role: 'status', 'aria-label': '对方正在输入', hidden: true }, dots)
}
