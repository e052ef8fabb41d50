import { shallowReactive } from 'vue'

import type { Store } from '../../common/outbox'
import type { ChatEvent } from '../../common/types'
import type { ChatsApi } from '../api/chats'
import type { Note } from '../types'
import { OpenTalk, unfinished } from './openTalk'

export interface TalksContext {
  api: Pick<ChatsApi, 'detail' | 'notes' | 'send' | 'upload'>
  store: Store
  prefix: string
  staffId: number
  watch(id: string, after: number): void
  unwatch(id: string): void
  overdue(): void
}

// So many conversations stay followed: going back to one shows it at once.
const KEPT = 12

/** The conversations that this page follows. */
export class Talks {
  readonly #open = shallowReactive(new Map<string, OpenTalk>())

  constructor(private readonly context: TalksContext) {}

  /** What an earlier page could not send leaves now, whichever conversation is looked at. */
  start(): void {
    for (const id of unfinished(this.context.store, this.context.prefix)) this.open(id)
  }

  stop(): void {
    for (const talk of this.#open.values()) talk.stop()
    this.#open.clear()
  }

  get(id: string): OpenTalk | undefined {
    return this.#open.get(id)
  }

  open(id: string): OpenTalk {
    let talk = this.#open.get(id)
    if (talk) {
      // Used last, dropped last.
      this.#open.delete(id)
      this.#open.set(id, talk)
      if (talk.view.gone || talk.view.problem) void talk.load()
      return talk
    }
    talk = new OpenTalk(id, this.context)
    this.#open.set(id, talk)
    void talk.load().then(() => this.#loaded(id))
    this.#dropOldest(id)
    return talk
  }

  /** The last event known of each, from which the server goes on. */
  watched(): Map<string, number> {
    const loaded = [...this.#open.values()].filter((talk) => talk.view.detail !== null)
    return new Map(loaded.map((talk) => [talk.id, talk.view.talk.lastSeq]))
  }

  received(id: string, events: readonly ChatEvent[], readUpTo?: number): void {
    this.#open.get(id)?.received(events, readUpTo)
  }

  noted(id: string, note: Note): void {
    this.#open.get(id)?.noted(note)
  }

  /** Someone else answers now than this page knew. */
  checkOwner(id: string, owner: number | null): void {
    const talk = this.#open.get(id)
    if (talk?.view.detail && talk.view.detail.assigned_to !== owner) void talk.load()
  }

  resume(): void {
    for (const talk of this.#open.values()) {
      talk.resume()
      if (!talk.view.detail && !talk.view.gone) void talk.load().then(() => this.#loaded(talk.id))
    }
  }

  #loaded(id: string): void {
    const talk = this.#open.get(id)
    if (talk?.view.detail) this.context.watch(id, talk.view.talk.lastSeq)
  }

  #dropOldest(current: string): void {
    for (const [id, talk] of this.#open) {
      if (this.#open.size <= KEPT) return
      if (id === current || talk.view.outgoing.length > 0) continue
      talk.stop()
      this.#open.delete(id)
      this.context.unwatch(id)
    }
  }
}
