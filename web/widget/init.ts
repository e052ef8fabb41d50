import type { KefuChat } from './element'

/** Where the chat was opened from. */
export interface Place {
  orderId?: string
  itemId?: string
  caseId?: string
  sellerId?: string
  page?: string
}

export interface Options {
  profile: string
  /** A JWT of the shop's server, or what brings one; a guest without. */
  token?: string | (() => string | undefined | Promise<string | undefined>)
  context?: Place
  server?: string
  theme?: 'light' | 'dark' | 'auto'
  /** Without it, a button of the page's own calls `open()`. */
  launcher?: boolean
  open?: boolean
  /** How many messages wait; called whenever that changes. */
  onUnread?: (count: number) => void
}

/** The chat on a page. */
export interface Handle {
  readonly element: KefuChat
  open(): void
  close(): void
  /** Open the chat and say `text` in the shopper's name. */
  ask(text: string): void
  /** The shopper is at another place, or has logged in or out. */
  update(changes: Partial<Pick<Options, 'token' | 'context' | 'theme'>>): Promise<void>
  destroy(): void
}

const PLACES: Record<keyof Place, string> = { orderId: 'order-id', itemId: 'item-id', caseId: 'case-id', sellerId: 'seller-id', page: 'page' }
const FROM_SCRIPT = ['profile', 'token', ...Object.values(PLACES), 'theme', 'launcher', 'server', 'open']

/** Put the chat on the page; rejects where `token` fails. */
export async function init(options: Options): Promise<Handle> {
  const element = create()
  set(element, 'profile', options.profile)
  set(element, 'server', options.server)
  if (options.launcher === false) set(element, 'launcher', 'none')
  if (options.open) set(element, 'open', '')
  if (options.onUnread) {
    const tell = options.onUnread
    element.addEventListener('kefu-unread', (event) => tell((event as CustomEvent<number>).detail))
  }
  await apply(element, { token: options.token, context: options.context ?? {}, theme: options.theme ?? 'auto' })
  await bodyIsThere()
  document.body.append(element)
  return {
    element,
    open: () => element.show(),
    close: () => element.hide(),
    ask: (text) => element.ask(text),
    update: (changes) => apply(element, changes),
    destroy: () => element.remove(),
  }
}

/** Start at once where the script tag itself says what for. */
export function startFromScript(): void {
  const script = document.currentScript ?? document.querySelector('script[data-profile][src*="/widget.js"]')
  if (!(script instanceof HTMLScriptElement) || !script.dataset['profile']) return
  const element = create()
  for (const name of FROM_SCRIPT) set(element, name, script.getAttribute(`data-${name}`) ?? undefined)
  void bodyIsThere().then(() => {
    // The same tag may run twice; one chat of a brand is enough.
    if (!document.querySelector(`kefu-chat[profile=${JSON.stringify(script.dataset['profile'])}]`)) document.body.append(element)
  })
}

// By name, not by class: where the file was loaded twice, the first one's class is registered.
function create(): KefuChat {
  return document.createElement('kefu-chat') as KefuChat
}

async function apply(element: KefuChat, changes: Partial<Options>): Promise<void> {
  if ('token' in changes) {
    const { token } = changes
    element.freshToken = typeof token === 'function' ? async () => token() : undefined
    set(element, 'token', typeof token === 'function' ? await token() : token)
  }
  if (changes.theme) set(element, 'theme', changes.theme === 'auto' ? undefined : changes.theme)
  const { context } = changes
  if (!context) return
  for (const [field, attribute] of Object.entries(PLACES)) set(element, attribute, context[field as keyof Place])
}

function set(element: Element, name: string, value: string | undefined): void {
  if (value === undefined) element.removeAttribute(name)
  else element.setAttribute(name, value)
}

function bodyIsThere(): Promise<void> {
  if (document.readyState !== 'loading') return Promise.resolve()
  return new Promise((resolve) => addEventListener('DOMContentLoaded', () => resolve(), { once: true }))
}
