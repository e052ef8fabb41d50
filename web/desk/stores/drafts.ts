import { shallowReactive } from 'vue'

import type { Store } from '../../common/outbox'

const TELL_AFTER = 800

/** What is written and not sent yet, per conversation: kept here over reloads, and on the server. */
export class Drafts {
  readonly #texts = shallowReactive(new Map<string, string>())
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>()

  constructor(
    private readonly store: Store,
    private readonly prefix: string,
    private readonly save: (id: string, text: string) => Promise<unknown>,
  ) {
    for (let index = 0; index < store.length; index += 1) {
      const key = store.key(index)
      if (key?.startsWith(this.#start)) this.#texts.set(key.slice(this.#start.length), store.getItem(key) ?? '')
    }
  }

  get #start(): string {
    return `${this.prefix}draft:`
  }

  get(id: string): string {
    return this.#texts.get(id) ?? ''
  }

  /** The server's draft counts where this browser has none, for whoever changes seats. */
  offered(id: string, text: string): void {
    if (text && !this.#texts.has(id)) this.#keep(id, text)
  }

  set(id: string, text: string): void {
    if (text === this.get(id)) return
    this.#keep(id, text)
    clearTimeout(this.#timers.get(id))
    this.#timers.set(
      id,
      // It is kept here all the same.
      setTimeout(() => void this.save(id, text).catch(() => undefined), text === '' ? 0 : TELL_AFTER),
    )
  }

  #keep(id: string, text: string): void {
    this.#texts.set(id, text)
    if (text) this.store.setItem(this.#start + id, text)
    else this.store.removeItem(this.#start + id)
  }
}
