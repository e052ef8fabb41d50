import { shallowReactive } from 'vue'

import { Courier } from '../../common/courier'
import { Outbox } from '../../common/outbox'
import type { Outgoing, Store } from '../../common/outbox'
import type { ReadyPicture } from '../../common/picture'
import { PictureSender } from '../../common/pictureSending'
import { Problem, sentenceOf } from '../../common/problem'
import { emptyTalk, extend } from '../../common/talk'
import type { Talk } from '../../common/talk'
import { isStored } from '../../common/types'
import type { ChatEvent, PassingEvent, StoredEvent } from '../../common/types'
import type { ChatsApi } from '../api/chats'
import type { Detail, Note } from '../types'
import { Eyes } from './guard'

export interface TalkContext {
  api: Pick<ChatsApi, 'detail' | 'notes' | 'send' | 'upload'>
  store: Store
  /** The start of this agent's storage keys. */
  prefix: string
  staffId: number
  /** An event is missing: everything is asked for again. */
  overdue(): void
}

export interface TalkView {
  detail: Detail | null
  talk: Talk
  notes: readonly Note[]
  outgoing: readonly Outgoing[]
  problem: string | null
  /** The conversation is not (or no longer) for this agent. */
  gone: boolean
  /** Up to where the shopper has read. */
  readUpTo: number
  shopperTyping: boolean
  /** The colleague who is writing just now. */
  colleague: string | null
  /** Words that came back, for another try. */
  takenBack: string | null
}

const TYPING_FADES = 5000
const EVENT_OVERDUE = 4000

/** One conversation at the desk: what is known of it, and what this agent has on its way. */
export class OpenTalk {
  readonly view: TalkView = shallowReactive({
    detail: null,
    talk: emptyTalk,
    notes: [],
    outgoing: [],
    problem: null,
    gone: false,
    readUpTo: 0,
    shopperTyping: false,
    colleague: null,
    takenBack: null,
  })
  /** How far the agent has seen it. */
  readonly eyes = new Eyes()
  readonly #outbox: Outbox
  readonly #courier: Courier
  readonly #pictures: PictureSender
  #loading: Promise<void> | null = null
  #fading: Record<string, ReturnType<typeof setTimeout>> = {}

  constructor(
    readonly id: string,
    private readonly context: TalkContext,
  ) {
    const { api, store, prefix } = context
    this.#pictures = new PictureSender({
      send: (message) => api.send(id, message),
      upload: (file, progress) => api.upload(id, file, progress),
    })
    this.#outbox = new Outbox(store, outboxPrefix(prefix, id), (message) => this.#send(message), () => this.#showOutgoing())
    this.#courier = new Courier(this.#outbox)
    this.#showOutgoing()
    this.#courier.start()
  }

  stop(): void {
    this.#courier.stop()
    for (const timer of Object.values(this.#fading)) clearTimeout(timer)
  }

  /** Get the whole of it, or get it again after a gap. */
  load(): Promise<void> {
    this.#loading ??= this.#load().finally(() => (this.#loading = null))
    return this.#loading
  }

  /** The line is back: events come again by themselves, notes are asked for. */
  resume(): void {
    void this.#courier.hurry()
    if (this.view.detail) void this.#catchUp()
  }

  received(events: readonly ChatEvent[], readUpTo = 0): void {
    this.view.readUpTo = Math.max(this.view.readUpTo, readUpTo)
    const stored: StoredEvent[] = []
    for (const event of events) {
      if (isStored(event)) stored.push(event)
      else this.#passing(event)
    }
    if (!this.view.detail || stored.length === 0) return
    const before = this.view.talk
    const { talk, gap } = extend(before, stored)
    if (talk !== before) this.#show(talk, stored)
    if (gap) this.context.overdue()
    // Who answers and what the bot left for them changes with the state.
    if (talk.state !== before.state) void this.load()
  }

  noted(note: Note): void {
    if (this.view.notes.some((one) => one.note_id === note.note_id)) return
    this.view.notes = [...this.view.notes, note].sort((a, b) => a.at.localeCompare(b.at))
  }

  /** `seen`: the newest event that its writer had before their eyes. `suggested`: with the cards of this. */
  say(text: string, seen: number, suggested?: string): void {
    this.#outbox.addSeeing(text, seen, suggested)
    this.eyes.open(seen)
    void this.#courier.hurry()
  }

  sendPicture(picture: ReadyPicture): void {
    this.#pictures.put(this.#outbox.addPicture(this.view.talk.lastSeq).id, picture)
    void this.#courier.hurry()
  }

  picture(id: string): Promise<ReadyPicture | null> {
    return this.#pictures.get(id)
  }

  retry(id: string): void {
    this.#outbox.retry(id)
    this.eyes.open(this.view.talk.lastSeq)
    void this.#courier.hurry()
  }

  /** Take back what was refused. */
  discard(id: string): void {
    const message = this.view.outgoing.find((one) => one.id === id)
    this.#pictures.forget(message ? [message] : [])
    this.#outbox.discard(id)
    if (message && !message.picture) this.takeBack(message.text)
  }

  /** Offer these words for another try. */
  takeBack(text: string | null): void {
    this.view.takenBack = text
  }

  async #catchUp(): Promise<void> {
    // Whoever hears of it too late asks again when the line is back the next time.
    for (const note of await this.context.api.notes(this.id).catch(() => [])) this.noted(note)
  }

  async #load(): Promise<void> {
    try {
      const detail = await this.context.api.detail(this.id)
      // A long talk comes without its beginning.
      const before = { ...emptyTalk, lastSeq: (detail.events[0]?.seq ?? (detail.last_seq ?? 0) + 1) - 1 }
      const { talk } = extend(before, detail.events)
      this.view.detail = detail
      this.view.readUpTo = Math.max(this.view.readUpTo, detail.read_up_to)
      if (detail.notes) this.view.notes = [...detail.notes].sort((a, b) => a.at.localeCompare(b.at))
      if (talk.lastSeq >= this.view.talk.lastSeq) this.#show({ ...talk, state: detail.state }, detail.events)
      this.view.problem = null
    } catch (error) {
      this.view.problem = sentenceOf(error)
      this.view.gone = error instanceof Problem && !error.passes
    }
  }

  #show(talk: Talk, news: readonly StoredEvent[]): void {
    this.view.talk = talk
    if (news.some((event) => event.type === 'message' && event.from === 'shopper')) this.view.shopperTyping = false
    const arrived = new Set(news.flatMap((event) => (event.type === 'message' && event.client_message_id ? [event.client_message_id] : [])))
    this.#pictures.forget(this.#outbox.messages.filter((message) => arrived.has(message.id)))
    this.#outbox.settle(arrived)
  }

  #passing(event: PassingEvent): void {
    if (event.type === 'read' && event.from !== 'agent') this.view.readUpTo = Math.max(this.view.readUpTo, event.up_to)
    if (event.type === 'typing' && event.from === 'shopper') {
      this.view.shopperTyping = event.on !== false
      this.#fade('shopper', () => (this.view.shopperTyping = false))
    }
    const byColleague = (event.type === 'typing' && event.from === 'agent') || event.type === 'draft'
    if (byColleague && event.staff_id && event.staff_id !== this.context.staffId) {
      this.view.colleague = event.on === false ? null : (event.name ?? '同事')
      this.#fade('colleague', () => (this.view.colleague = null))
    }
  }

  #fade(what: string, done: () => void): void {
    clearTimeout(this.#fading[what])
    this.#fading[what] = setTimeout(done, TYPING_FADES)
  }

  async #send(message: Outgoing): Promise<{ seq: number }> {
    const progress = (share: number) => {
      message.progress = share
      this.#showOutgoing()
    }
    const uploaded = (attachment: string) => this.#outbox.uploaded(message, attachment)
    const accepted = message.picture
      ? await this.#pictures.send(message, { uploaded, progress })
      : await this.context.api.send(this.id, message)
    // A line can be dead without saying so: an accepted message must come back as an event.
    setTimeout(() => {
      if (this.view.talk.lastSeq < accepted.seq) this.context.overdue()
    }, EVENT_OVERDUE)
    return accepted
  }

  #showOutgoing(): void {
    this.view.outgoing = this.#outbox.messages.map((message) => ({ ...message }))
  }
}

export function outboxPrefix(prefix: string, id: string): string {
  return `${prefix}outbox:${id}:`
}

/** The conversations for which something lies in the storage that has not left yet. */
export function unfinished(store: Store, prefix: string): string[] {
  const start = `${prefix}outbox:`
  const found = new Set<string>()
  for (let index = 0; index < store.length; index += 1) {
    const key = store.key(index)
    const id = key?.startsWith(start) ? key.slice(start.length).split(':')[0] : undefined
    if (id) found.add(id)
  }
  return [...found]
}
