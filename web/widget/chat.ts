import { Backoff, pause } from '../common/backoff'
import { emptyTalk, extend } from '../common/talk'
import type { Talk } from '../common/talk'
import { isStored } from '../common/types'
import type { Button, ChatEvent, PassingEvent } from '../common/types'
import type { Problem } from '../common/problem'
import { ShopperApi } from './api'
import type { Context, Identity, Session } from './api'
import { Connection } from './connection'
import type { Line } from './connection'
import { Outbox } from './outbox'
import type { Outgoing } from './outbox'
import { arrivedIds, awaitsBot } from './timeline'

/** Everything that the panel draws. */
export interface Snapshot {
  talk: Talk
  outgoing: readonly Outgoing[]
  line: Line
  loaded: boolean
  typing: boolean
  queuePosition: number | null
  problem: string | null
}

const TYPING_FADES = 8000
const BOT_ANSWERS_WITHIN = 20_000
const EVENT_OVERDUE = 4000

/** One shopper's conversation: session, connection, outbox and talk, joined. */
export class Chat {
  readonly #api: ShopperApi
  readonly #connection: Connection
  readonly #outbox: Outbox
  readonly #retry = new Backoff()
  #conversation = ''
  #talk: Talk = emptyTalk
  #line: Line = 'connecting'
  #lastSeq = Infinity
  #typingUntil = 0
  #waitingSince = 0
  #queuePosition: number | null = null
  #problem: string | null = null
  #flushing = false
  #flushNow = new AbortController()
  #timers = new Set<ReturnType<typeof setTimeout>>()
  #stopped = true

  constructor(
    base: string,
    identity: Identity,
    context: () => Context,
    store: Storage,
    private readonly changed: (snapshot: Snapshot) => void,
  ) {
    this.#api = new ShopperApi(base, identity, context, store, (session) => this.#opened(session))
    this.#connection = new Connection(this.#api, {
      after: () => this.#talk.lastSeq,
      received: (events) => this.#received(events),
      lineChanged: (line) => this.#lineChanged(line),
      refused: (problem) => this.#refused(problem),
    })
    const send = async (message: Outgoing) => {
      const accepted = await this.#api.send(message)
      this.#expect(accepted.seq)
      return accepted
    }
    this.#outbox = new Outbox(store, `${this.#api.prefix}outbox:`, send, () => this.#publish())
  }

  get canResume(): boolean {
    return this.#api.canResume
  }

  start(): void {
    if (!this.#stopped) return
    this.#stopped = false
    addEventListener('online', this.#lineIsBack)
    addEventListener('offline', this.#lineIsGone)
    document.addEventListener('visibilitychange', this.#pageShown)
    this.#connection.start()
    void this.#flush()
    this.#publish()
  }

  stop(): void {
    this.#stopped = true
    removeEventListener('online', this.#lineIsBack)
    removeEventListener('offline', this.#lineIsGone)
    document.removeEventListener('visibilitychange', this.#pageShown)
    this.#connection.stop()
    this.#flushNow.abort()
    for (const timer of this.#timers) clearTimeout(timer)
  }

  say(text: string, button?: Button): void {
    this.#outbox.add(text, this.#talk.lastSeq, button)
    void this.#flush()
  }

  retry(id: string): void {
    this.#outbox.retry(id)
    void this.#flush()
  }

  /** Leave the closed conversation and begin another one. */
  begin(): void {
    this.#api.forget()
    this.#talk = emptyTalk
    this.#connection.restart()
    this.#publish()
  }

  #opened(session: Session): void {
    if (session.conversation_id !== this.#conversation) {
      this.#conversation = session.conversation_id
      this.#talk = emptyTalk
    }
    this.#talk = { ...this.#talk, state: session.state }
    this.#lastSeq = session.last_seq
    this.#problem = null
    this.#publish()
  }

  #received(events: ChatEvent[]): void {
    const { talk, gap } = extend(this.#talk, events.filter(isStored))
    const answered = talk.events
      .slice(this.#talk.events.length)
      .some((event) => event.type === 'message' && event.from !== 'shopper')
    this.#talk = talk
    if (answered) this.#typingUntil = 0
    for (const event of events) if (!isStored(event)) this.#passing(event)
    if (talk.state !== 'waiting') this.#queuePosition = null
    this.#outbox.settle(arrivedIds(talk))
    this.#noteWaiting()
    this.#publish()
    if (gap) this.#connection.restart()
  }

  #passing(event: PassingEvent): void {
    if (event.type === 'queue') this.#queuePosition = event.position
    if (event.type !== 'typing') return
    this.#typingUntil = event.on === false ? 0 : Date.now() + TYPING_FADES
    this.#later(TYPING_FADES, () => this.#publish())
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

  async #flush(): Promise<void> {
    this.#flushNow.abort()
    if (this.#flushing) return
    this.#flushing = true
    while (!this.#stopped && navigator.onLine && this.#outbox.hasWork) {
      if (await this.#outbox.flush()) {
        this.#retry.reset()
        continue
      }
      this.#flushNow = new AbortController()
      await pause(this.#retry.next(), this.#flushNow.signal)
    }
    this.#flushing = false
  }

  #later(milliseconds: number, action: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      action()
    }, milliseconds)
    this.#timers.add(timer)
  }

  #lineChanged(line: Line): void {
    if (line === this.#line) return
    this.#line = line
    if (line === 'online') {
      this.#problem = null
      void this.#flush()
    }
    this.#publish()
  }

  #refused(problem: Problem): void {
    this.#problem = problem.title
    this.#publish()
  }

  readonly #lineIsBack = () => {
    this.#connection.restart()
    void this.#flush()
  }

  readonly #lineIsGone = () => {
    this.#connection.restart()
    this.#lineChanged('offline')
  }

  readonly #pageShown = () => {
    if (document.visibilityState === 'visible' && this.#line !== 'online') this.#lineIsBack()
  }

  #publish(): void {
    if (this.#stopped) return
    const now = Date.now()
    const owed = this.#waitingSince > 0 && now - this.#waitingSince < BOT_ANSWERS_WITHIN
    this.changed({
      talk: this.#talk,
      outgoing: this.#outbox.messages,
      line: this.#line,
      loaded: this.#talk.lastSeq >= this.#lastSeq,
      typing: owed || this.#typingUntil > now,
      queuePosition: this.#queuePosition,
      problem: this.#problem,
    })
  }
}
