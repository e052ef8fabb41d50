import { Attention } from '../common/attention'
import { openStorage } from '../common/vault'
import { adoptGuest } from './adopting'
import { keyPrefix } from './api'
import type { Context, Identity } from './api'
import { Chat } from './chat'
import type { Snapshot } from './chat'
import { h, icon } from './dom'
import { BUBBLE } from './icons'
import { keep } from './keeping'
import { Panel } from './panel'
import type { PanelActions } from './panel'
import { readSeen, unreadAfter, worthFollowing, writeSeen } from './seen'
import { fetchLook, rememberedLook, rememberLook, scriptOrigin } from './source'
import type { Look } from './source'
import styles from './style.css?inline'
import { dress } from './theme'

const CONTEXT = { 'order-id': 'order_id', 'item-id': 'item_id', 'case-id': 'case_id', 'seller-id': 'seller_id', page: 'page' } as const
const IDENTITY = ['profile', 'token', 'demo-account', 'server']

/**
 * `<kefu-chat profile="…">`: a button that opens a chat with the shop's support.
 *
 * Attributes: `profile` (required), `token` (a JWT of the shop's server; a guest without),
 * `demo-account` (demo shops only), `order-id`, `item-id`, `case-id`, `seller-id`, `page` (where
 * the shopper comes from), `server` (the desk's address; where this script came from without),
 * `theme` (`light` or `dark`; the device's without), `launcher="none"` (a button of the page's own
 * calls `show()`), `open`. The event `kefu-unread` tells in `detail` how many messages wait.
 */
export class KefuChat extends HTMLElement {
  static readonly observedAttributes = [...IDENTITY, ...Object.keys(CONTEXT), 'open']

  /** Brings a token that has not run out, for sessions that are renewed later. */
  freshToken: Identity['freshToken']

  readonly #root = this.attachShadow({ mode: 'open' })
  readonly #store = openStorage()
  readonly #count = h('span', { class: 'unread', 'aria-hidden': 'true', hidden: true })
  readonly #launcher = h('button', { type: 'button', class: 'launcher', 'aria-label': '打开在线客服', 'aria-expanded': 'false' })
  #attention: Attention | null = null
  #chat: Chat | null = null
  #panel: Panel | null = null
  #last: Snapshot | null = null
  #unread = 0
  #brand: string | null = null
  #colour = ''
  #dressedAs = ''
  #remaking = false

  constructor() {
    super()
    style(this.#root)
    this.#launcher.append(icon(BUBBLE), h('span', {}, '在线客服'), this.#count)
    this.#launcher.addEventListener('click', () => this.show())
    this.#root.append(this.#launcher)
  }

  connectedCallback(): void {
    this.#attention = new Attention(this.#store)
    window.visualViewport?.addEventListener('resize', this.#fit)
    window.visualViewport?.addEventListener('scroll', this.#fit)
    document.addEventListener('visibilitychange', this.#look)
    addEventListener('storage', this.#look)
    dress(this, this.#colour)
    void this.#dress()
    this.#begin(this.#wasOpen())
  }

  disconnectedCallback(): void {
    window.visualViewport?.removeEventListener('resize', this.#fit)
    window.visualViewport?.removeEventListener('scroll', this.#fit)
    document.removeEventListener('visibilitychange', this.#look)
    removeEventListener('storage', this.#look)
    this.#drop()
    this.#attention?.stop()
    this.#attention = null
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (!this.isConnected || before === after) return
    if (name === 'open') {
      if (after !== null) this.show()
      return
    }
    if (name in CONTEXT) {
      // The session that is opened next tells where the shopper is now.
      this.#chat?.api.renew()
      return
    }
    // Several attributes usually change together: one new chat is enough.
    if (this.#remaking) return
    this.#remaking = true
    queueMicrotask(() => {
      this.#remaking = false
      // What is being written stays where only the token is another one.
      if (this.#chat?.api.prefix === this.#prefix) return this.#chat.api.become(this.#identity)
      const visible = this.isOpen
      this.#drop()
      void this.#dress()
      this.#begin(visible)
    })
  }

  get isOpen(): boolean {
    return this.#panel?.element.isConnected ?? false
  }

  /** Open the chat window. */
  show(): void {
    const panel = this.#panel ?? this.#make()
    dress(this, this.#colour)
    this.#root.append(panel.element)
    this.#launcher.hidden = true
    this.#launcher.setAttribute('aria-expanded', 'true')
    this.#remember(true)
    this.#fit()
    this.#look()
    panel.toEnd()
    // A phone's keyboard should not jump up before the shopper has seen the page.
    if (!matchMedia('(pointer: coarse)').matches) panel.focus()
  }

  /** Fold the chat window away; the conversation goes on. */
  hide(): void {
    this.#panel?.element.remove()
    this.#launcher.hidden = false
    this.#launcher.setAttribute('aria-expanded', 'false')
    this.#launcher.focus()
    this.#remember(false)
    this.#look()
  }

  /** Open the chat window and say `text` in the shopper's name. */
  ask(text: string): void {
    this.show()
    this.#chat?.say(text)
    this.#panel?.toEnd()
  }

  get #base(): string {
    return (this.getAttribute('server') ?? scriptOrigin()).replace(/\/$/, '')
  }

  get #identity(): Identity {
    return {
      profile: this.getAttribute('profile') ?? 'demo',
      token: this.getAttribute('token') ?? undefined,
      demoAccount: this.getAttribute('demo-account') ?? undefined,
      ...(this.freshToken ? { freshToken: this.freshToken } : {}),
    }
  }

  // An answer may have come, or may still come, while the shopper went from page to page.
  #begin(open: boolean): void {
    adoptGuest(this.#store, this.#base, this.#identity)
    if (open) this.show()
    else if (worthFollowing(readSeen(this.#store, this.#prefix), Date.now())) this.#make()
  }

  get #prefix(): string {
    return keyPrefix(this.#base, this.#identity)
  }

  async #dress(): Promise<void> {
    const base = this.#base
    const { profile } = this.#identity
    const wanted = `${base} ${profile}`
    if (wanted === this.#dressedAs) return
    this.#dressedAs = wanted
    const known = rememberedLook(this.#store, wanted)
    if (known) this.#wear(known)
    const look = await fetchLook(base, profile)
    if (wanted !== this.#dressedAs || look === null) return
    rememberLook(this.#store, wanted, look)
    this.#wear(look)
  }

  #wear(look: Look): void {
    this.#colour = look.theme.colour
    this.#brand = look.brand
    this.#panel?.name(look.brand)
    dress(this, this.#colour)
  }

  #make(): Panel {
    const chat = new Chat(this.#base, this.#identity, () => this.#context(), this.#store, (snapshot) => this.#draw(snapshot))
    const panel = new Panel(this.#actions(chat))
    if (this.#brand !== null) panel.name(this.#brand)
    this.#panel = panel
    this.#chat = chat
    chat.start()
    return panel
  }

  #actions(chat: Chat): PanelActions {
    const attention = () => this.#attention
    const context = () => this.#context()
    const identity = this.#identity
    return {
      base: this.#base,
      say: (text) => chat.say(text),
      typing: () => chat.typing(),
      press: (button) => {
        chat.say(button.title, button)
        this.#panel?.toEnd()
      },
      retry: (id) => chat.retry(id),
      discard: (id) => chat.discard(id),
      sendPictures: (pictures) => chat.sendPictures(pictures),
      outgoingPicture: (id) => chat.outgoingPicture(id),
      freshPicture: (id) => chat.api.freshPicture(id),
      view: (picture, opener) => this.#panel?.view(picture, opener),
      verify: (id, code) => chat.api.verify(id, code),
      resendCode: (id) => chat.api.resendCode(id),
      rate: (seq, opinion) => chat.api.rate(seq, opinion),
      begin: () => chat.begin(),
      end: () => chat.api.close(),
      leaveQueue: () => chat.api.leaveQueue(),
      openTicket: (form) => chat.api.openTicket(form),
      keep: (format) => keep(format, () => chat.api.transcriptUrl()),
      transcript: () => chat.api.transcript(),
      sound: (on) => {
        const calls = attention()
        if (calls) calls.sound = on
      },
      close: () => this.hide(),
      get hasSound() {
        return attention()?.sound ?? false
      },
      isKnown: identity.token !== undefined,
      get orderNumber() {
        return context().order_id ?? ''
      },
    }
  }

  #drop(): void {
    this.#chat?.stop()
    this.#panel?.element.remove()
    this.#chat = null
    this.#panel = null
    this.#last = null
    this.#launcher.hidden = false
    this.#tell(0)
  }

  #draw(snapshot: Snapshot): void {
    this.#last = snapshot
    this.#panel?.draw(snapshot)
    this.#look()
  }

  /** Note what has been seen, or how much has not. */
  readonly #look = () => {
    const watched = this.isOpen && !document.hidden
    this.#chat?.watch(watched)
    const { conversation, talk, loaded } = this.#last ?? {}
    if (!talk || !loaded || !conversation) return
    const seen = readSeen(this.#store, this.#prefix)
    // Nothing waits in a talk that was never opened.
    const seq = seen?.conversation === conversation ? seen.seq : watched ? 0 : talk.lastSeq
    if (watched) {
      const now = { conversation, seq: Math.max(seq, talk.lastSeq), state: talk.state, at: Date.now() }
      if (now.seq !== seq || seen?.state !== now.state) writeSeen(this.#store, this.#prefix, now)
    }
    this.#tell(watched ? 0 : unreadAfter(talk, seq))
  }

  #tell(unread: number): void {
    if (unread === this.#unread) return
    this.#unread = unread
    this.#count.hidden = unread === 0
    this.#count.textContent = unread > 99 ? '99+' : String(unread)
    this.#launcher.setAttribute('aria-label', unread === 0 ? '打开在线客服' : `打开在线客服，${unread} 条新消息`)
    this.#attention?.unread(unread)
    this.dispatchEvent(new CustomEvent('kefu-unread', { detail: unread, bubbles: true, composed: true }))
  }

  #context(): Context {
    const context: Context = {}
    for (const [attribute, field] of Object.entries(CONTEXT)) {
      const value = this.getAttribute(attribute)
      if (value) context[field] = value
    }
    return context
  }

  // Phones lay the keyboard over the page: the window keeps to what is left visible.
  readonly #fit = () => {
    const view = window.visualViewport
    if (!view || !this.#panel) return
    this.style.setProperty('--_height', `${view.height}px`)
    this.style.setProperty('--_top', `${view.offsetTop}px`)
  }

  #remember(open: boolean): void {
    try {
      sessionStorage.setItem('kefu:open', open ? '1' : '')
    } catch {
      // Without storage the window starts folded: nothing is lost.
    }
  }

  #wasOpen(): boolean {
    if (this.hasAttribute('open')) return true
    try {
      return sessionStorage.getItem('kefu:open') === '1'
    } catch {
      return false
    }
  }
}

// A sheet of its own needs no leave from the page's content security policy; old WebKit has none.
function style(root: ShadowRoot): void {
  try {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(styles)
    root.adoptedStyleSheets = [sheet]
  } catch {
    root.append(h('style', {}, styles))
  }
}
