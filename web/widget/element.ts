import { Chat } from './chat'
import type { Context } from './api'
import { h, icon } from './dom'
import { Panel } from './panel'
import styles from './style.css?inline'
import { openStorage } from './vault'

const BUBBLE = 'M4 5h16v11H9l-5 4z'
const CONTEXT = { 'order-id': 'order_id', 'item-id': 'item_id', 'case-id': 'case_id', page: 'page' } as const
const IDENTITY = ['profile', 'token', 'demo-account', 'server']

/**
 * `<kefu-chat profile="…">`: a button that opens a chat with the shop's support.
 *
 * Attributes: `profile` (required), `token` (a JWT of the shop's server; a guest without),
 * `demo-account` (demo shops only), `order-id`, `item-id`, `case-id`, `page` (where the shopper
 * comes from), `server` (the desk's address; where this script came from without), `open`.
 */
export class KefuChat extends HTMLElement {
  static readonly observedAttributes = [...IDENTITY, 'open']

  readonly #root = this.attachShadow({ mode: 'open' })
  readonly #store = openStorage()
  readonly #launcher = h('button', { type: 'button', class: 'launcher', 'aria-label': '打开在线客服', 'aria-expanded': 'false' })
  #chat: Chat | null = null
  #panel: Panel | null = null
  #remaking = false

  constructor() {
    super()
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(styles)
    this.#root.adoptedStyleSheets = [sheet]
    this.#launcher.append(icon(BUBBLE), h('span', {}, '在线客服'))
    this.#launcher.addEventListener('click', () => this.show())
    this.#root.append(this.#launcher)
  }

  connectedCallback(): void {
    visualViewport?.addEventListener('resize', this.#fit)
    visualViewport?.addEventListener('scroll', this.#fit)
    if (this.#wasOpen()) this.show()
  }

  disconnectedCallback(): void {
    visualViewport?.removeEventListener('resize', this.#fit)
    visualViewport?.removeEventListener('scroll', this.#fit)
    this.#drop()
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (!this.isConnected || before === after) return
    if (name === 'open') {
      if (after !== null) this.show()
      return
    }
    // Several attributes usually change together: one new chat is enough.
    if (this.#remaking) return
    this.#remaking = true
    queueMicrotask(() => {
      this.#remaking = false
      const visible = this.#panel?.element.isConnected ?? false
      this.#drop()
      if (visible) this.show()
    })
  }

  /** Open the chat window. */
  show(): void {
    const panel = this.#panel ?? this.#make()
    this.#root.append(panel.element)
    this.#launcher.hidden = true
    this.#launcher.setAttribute('aria-expanded', 'true')
    this.#remember(true)
    this.#fit()
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
  }

  /** Open the chat window and say `text` in the shopper's name. */
  ask(text: string): void {
    this.show()
    this.#chat?.say(text)
    this.#panel?.toEnd()
  }

  #make(): Panel {
    const panel = new Panel({
      say: (text) => this.#chat?.say(text),
      press: (button) => {
        this.#chat?.say(button.title, button)
        panel.toEnd()
      },
      retry: (id) => this.#chat?.retry(id),
      begin: () => this.#chat?.begin(),
      close: () => this.hide(),
    })
    const identity = {
      profile: this.getAttribute('profile') ?? 'demo',
      token: this.getAttribute('token') ?? undefined,
      demoAccount: this.getAttribute('demo-account') ?? undefined,
    }
    const base = (this.getAttribute('server') ?? new URL(import.meta.url).origin).replace(/\/$/, '')
    this.#panel = panel
    this.#chat = new Chat(base, identity, () => this.#context(), this.#store, (snapshot) => panel.draw(snapshot))
    this.#chat.start()
    return panel
  }

  #drop(): void {
    this.#chat?.stop()
    this.#panel?.element.remove()
    this.#chat = null
    this.#panel = null
    this.#launcher.hidden = false
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
    const view = visualViewport
    if (!view || !this.#panel) return
    this.style.setProperty('--kefu-height', `${view.height}px`)
    this.style.setProperty('--kefu-top', `${view.offsetTop}px`)
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
