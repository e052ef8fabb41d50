import { Courier } from '../common/courier'
import { Outbox } from '../common/outbox'
import type { Outgoing } from '../common/outbox'
import type { ReadyPicture } from '../common/picture'
import { PictureSender } from '../common/pictureSending'
import type { Problem } from '../common/problem'
import type { Line } from '../common/reconnecting'
import { emptyTalk, extend } from '../common/talk'
import type { Talk } from '../common/talk'
import { isStored } from '../common/types'
import type { Button, ChatEvent, PassingEvent, People, QueuePlace } from '../common/types'
import { ShopperApi } from './api'
import type { Context, Identity, Session } from './api'
import { Connection } from './connection'
import { arrivedIds, awaitsBot } from './timeline'

/** Everything that the panel draws. */
export interface Snapshot {
  conversation: string
  talk: Talk
  outgoing: readonly Outgoing[]
  line: Line
  loaded: boolean
  typing: boolean
  /** How far an agent has read. */
  readUpTo: number
  place: QueuePlace | null
  people: People | null
  problem: string | null
}

const TYPING_FADES = 8000
const TYPING_TOLD = 3000
const BOT_ANSWERS_WITHIN = 20_000
const EVENT_OVERDUE = 4000
const READ_SETTLES = 300
// Who comes back later wants something else.
const ENDED_STAYS = 30 * 60_000

/** One shopper's conversation: session, connection, outbox and talk, joined. */
export class Chat {
  readonly api: ShopperApi
  readonly #connection: Connection
  readonly #outbox: Outbox
  readonly #courier: Courier
  readonly #pictures: PictureSender
  #conversation = ''
  #talk: Talk = emptyTalk
  #line: Line = 'connecting'
  #lastSeq = Infinity
  #typingUntil = 0
  #toldTyping = 0
  #waitingSince = 0
  #place: QueuePlace | null = null
  #people: People | null = null
  #problem: string | null = null
  #readUpTo = 0
  #agentRead = 0
  #watched = false
  #timers = new Set<ReturnType<typeof setTimeout>>()
  #stopped = true

  constructor(
    base: string,
    identity: Identity,
    context: () => Context,
    store: Storage,
    private readonly changed: (snapshot: Snapshot) => void,
  ) {
    this.api = new ShopperApi(base, identity, context, store, (session) => this.#opened(session))
    this.#connection = new Connection(this.api, {
      after: () => this.#talk.lastSeq,
      received: (events) => this.#received(events),
      lineChanged: (line) => this.#lineChanged(line),
      refused: (problem) => this.#refused(problem),
    })
    this.#pictures = new PictureSender(this.api)
    const send = async (message: Outgoing) => {
      const accepted = message.picture ? await this.#sendPicture(message) : await this.api.send(message)
      this.#expect(accepted.seq)
      return accepted
    }
    this.#outbox = new Outbox(store, `${this.api.prefix}outbox:`, send, () => this.#publish())
    this.#courier = new Courier(this.#outbox)
  }

  start(): void {
    if (!this.#stopped) return
    this.#stopped = false
    addEventListener('online', this.#lineIsBack)
    addEventListener('offline', this.#lineIsGone)
    addEventListener('storage', this.#stored)
    document.addEventListener('visibilitychange', this.#pageShown)
    this.#connection.start()
    this.#courier.start()
    this.#publish()
  }

  stop(): void {
    this.#stopped = true
    removeEventListener('online', this.#lineIsBack)
    removeEventListener('offline', this.#lineIsGone)
    removeEventListener('storage', this.#stored)
    document.removeEventListener('visibilitychange', this.#pageShown)
    this.#connection.stop()
    this.#courier.stop()
    for (const timer of this.#timers) clearTimeout(timer)
  }

  say(text: string, button?: Button): void {
    if (this.#talk.state === 'closed') this.begin()
    this.#outbox.add(text, this.#talk.lastSeq, button)
    void this.#courier.hurry()
  }

  sendPictures(pictures: readonly ReadyPicture[]): void {
    if (this.#talk.state === 'closed') this.begin()
    for (const picture of pictures) this.#pictures.put(this.#outbox.addPicture(this.#talk.lastSeq).id, picture)
    this.#publish()
    void this.#courier.hurry()
  }

  /** The picture of a message on its way, or null if it was lost. */
  outgoingPicture(id: string): Promise<ReadyPicture | null> {
    return this.#pictures.get(id)
  }

  retry(id: string): void {
    this.#outbox.retry(id)
    void this.#courier.hurry()
  }

  /** Give up a message that was refused. */
  discard(id: string): void {
    this.#pictures.forget(this.#outbox.messages.filter((message) => message.id === id))
    this.#outbox.discard(id)
  }

  #sendPicture(message: Outgoing): Promise<{ seq: number }> {
    return this.#pictures.send(message, {
      uploaded: (attachment) => this.#outbox.uploaded(message, attachment),
      progress: (share) => {
        message.progress = share
        this.#publish()
      },
    })
  }

  /** The shopper types: a person who is there may know. */
  typing(): void {
    const now = Date.now()
    if (this.#talk.state !== 'assigned' || now - this.#toldTyping < TYPING_TOLD) return
    this.#toldTyping = now
    this.#connection.signal({ type: 'typing' })
  }

  /** Whether the shopper can see the window now. */
  watch(watched: boolean): void {
    this.#watched = watched
    this.#noteRead()
  }

  /** Leave the closed conversation and begin another one. */
  begin(): void {
    this.api.leave(this.#conversation)
    this.#talk = emptyTalk
    this.#lastSeq = Infinity
    this.#connection.restart()
    this.#publish()
  }

  #opened(session: Session): void {
    if (session.conversation_id !== this.#conversation) {
      this.#conversation = session.conversation_id
      this.#talk = emptyTalk
      this.#agentRead = 0
    }
    this.#agentRead = Math.max(this.#agentRead, session.read_up_to ?? 0)
    this.#talk = { ...this.#talk, state: session.state }
    this.#lastSeq = session.last_seq
    this.#place = session.queue ?? null
    this.#people = session.people ?? null
    this.#problem = null
    this.#readUpTo = 0
    this.#publish()
  }

  #received(events: ChatEvent[]): void {
    const wasLoaded = this.#loaded
    const { talk, gap } = extend(this.#talk, events.filter(isStored))
    const answered = talk.events
      .slice(this.#talk.events.length)
      .some((event) => event.type === 'message' && event.from !== 'shopper')
    this.#talk = talk
    if (answered) this.#typingUntil = 0
    for (const event of events) if (!isStored(event)) this.#passing(event)
    if (talk.state !== 'waiting') this.#place = null
    const arrived = arrivedIds(talk)
    this.#pictures.forget(this.#outbox.messages.filter((message) => arrived.has(message.id)))
    this.#outbox.settle(arrived)
    this.#noteWaiting()
    this.#noteRead()
    this.#publish()
    if (gap) this.#connection.restart()
    if (!wasLoaded && this.#loaded && endedLongAgo(talk, Date.now())) this.begin()
  }

  get #loaded(): boolean {
    return this.#talk.lastSeq >= this.#lastSeq
  }

  #passing(event: PassingEvent): void {
    if (event.type === 'queue') this.#place = event
    if (event.type === 'read' && event.from === 'agent') this.#agentRead = Math.max(this.#agentRead, event.up_to)
    // Another window of the shopper's own types nothing new.
    if (event.type !== 'typing' || event.from === 'shopper') return
    this.#typingUntil = event.on === false ? 0 : Date.now() + TYPING_FADES
    this.#later(TYPING_FADES, () => this.#publish())
  }

  // The agent may know what was seen; what is seen in passing does not count.
  #noteRead(): void {
    const unread = () =>
      this.#watched && this.#line === 'online' && this.#talk.state === 'assigned' && this.#talk.lastSeq > this.#readUpTo
    if (!unread()) return
    this.#later(READ_SETTLES, () => {
      if (!unread()) return
      this.#readUpTo = this.#talk.lastSeq
      this.#connection.signal({ type: 'read', up_to: this.#readUpTo })
    })
  }

  // The dots stand for a turn that is running; they end with it, or when it is late.
  #noteWaiting(): void {
    if (!awaitsBot(this.#talk, this.#outbox.messages)) this.#waitingSince = 0
    else if (this.#waitingSince === 0) {
      this.#waitingSince = Date.now()
      this.#later(BOT_ANSWERS_WITHIN, () => this.#publish())
    }
  }

  // A line can be dead without saying so: an accepted message must come back as an event.
  #expect(seq: number): void {
    this.#noteWaiting()
    this.#later(EVENT_OVERDUE, () => {
      if (this.#talk.lastSeq < seq) this.#connection.restart()
    })
  }

  readonly #lineIsBack = () => {
    this.#connection.restart()
    void this.#courier.hurry()
  }

  readonly #lineIsGone = () => {
    this.#connection.restart()
    this.#lineChanged('offline')
  }

  // Another window of this browser has begun another conversation: this one goes along.
  readonly #stored = (event: StorageEvent) => {
    if (event.key !== `${this.api.prefix}conversation` || event.newValue === null) return
    if (this.#conversation === '' || event.newValue === this.#conversation) return
    this.api.renew()
    this.#connection.restart()
  }

  // A phone that slept may hold a line that is long dead.
  readonly #pageShown = () => {
    if (document.visibilityState === 'visible' && this.#line !== 'online') this.#lineIsBack()
  }

  #lineChanged(line: Line): void {
    if (line === this.#line) return
    this.#line = line
    if (line === 'online') {
      this.#problem = null
      // What was said over the old line may not have arrived.
      this.#readUpTo = 0
      this.#noteRead()
      void this.#courier.hurry()
    }
    this.#publish()
  }

  #refused(problem: Problem): void {
    this.#problem = problem.title
    this.#publish()
  }

  #later(milliseconds: number, action: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      action()
    }, milliseconds)
    this.#timers.add(timer)
  }

  #publish(): void {
    if (this.#stopped) return
    const now = Date.now()
    const owed = this.#waitingSince > 0 && now - this.#waitingSince < BOT_ANSWERS_WITHIN
    this.changed({
      conversation: this.#conversation,
      talk: this.#talk,
      outgoing: this.#outbox.messages,
      line: this.#line,
      loaded: this.#loaded,
      readUpTo: this.#agentRead,
      typing: owed || this.#typingUntil > now,
      place: this.#place,
      people: this.#people,
      problem: this.#problem,
    })
  }
}

function endedLongAgo(talk: Talk, now: number): boolean {
  const last = talk.events[talk.events.length - 1]
  return talk.state === 'closed' && last !== undefined && now - new Date(last.at).getTime() > ENDED_STAYS
}
