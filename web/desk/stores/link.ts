import { Problem } from '../../common/problem'
import { Reconnecting } from '../../common/reconnecting'
import type { Line } from '../../common/reconnecting'
import type { ChatEvent } from '../../common/types'
import type { Followed } from '../api/chats'
import type { InboxLists, Note } from '../types'

/** What the link needs of the API. */
export interface LinkApi {
  inbox(): Promise<InboxLists>
  events(id: string, after: number): Promise<Followed>
  notes(id: string): Promise<Note[]>
}

export interface LinkListener {
  csrf(): string
  /** The conversations to follow, each with the last event known of it. */
  watched(): Map<string, number>
  inbox(lists: InboxLists): void
  events(id: string, events: ChatEvent[], readUpTo?: number): void
  note(id: string, note: Note): void
  lineChanged(line: Line): void
  forcedOut(): void
}

type Frame =
  | { type: 'inbox'; inbox: InboxLists }
  | { type: 'event'; conversation_id: string; event: ChatEvent }
  | { type: 'note'; conversation_id: string; note: Note }
  | { type: 'forced_out' | 'pong' }

const SOCKET_TRIES = 2
const POLLS_BEFORE_SOCKET = 20
const POLL_PAUSE = 3000
const PING_EVERY = 10_000
const SILENT_FOR = 25_000
const SETTLED = 3000

/** Brings what happens at the desk: over a WebSocket, or by asking where that does not get through. */
export class Link {
  readonly #line: Reconnecting
  #socketFailures = 0
  #open: WebSocket | null = null

  constructor(
    private readonly api: LinkApi,
    private readonly listener: LinkListener,
  ) {
    this.#line = new Reconnecting(
      (signal) => this.#connect(signal),
      (line) => listener.lineChanged(line),
      (error) => {
        if (!(error instanceof Problem)) this.#socketFailures = 0
      },
    )
  }

  readonly #back = () => this.restart()
  readonly #gone = () => {
    this.#line.restart()
    this.listener.lineChanged('offline')
  }

  start(): void {
    addEventListener('online', this.#back)
    addEventListener('offline', this.#gone)
    this.#line.start()
  }

  stop(): void {
    removeEventListener('online', this.#back)
    removeEventListener('offline', this.#gone)
    this.#line.stop()
  }

  /** Connect anew at once: an event is missing or overdue, or the line is back. */
  restart(): void {
    this.#socketFailures = 0
    this.#line.restart()
  }

  watch(id: string, after: number): void {
    this.#send({ type: 'watch', conversation_id: id, after })
  }

  unwatch(id: string): void {
    this.#send({ type: 'unwatch', conversation_id: id })
  }

  typing(id: string): void {
    this.#send({ type: 'typing', conversation_id: id })
  }

  read(id: string, upTo: number): void {
    this.#send({ type: 'read', conversation_id: id, up_to: upTo })
  }

  #send(frame: object): void {
    if (this.#open?.readyState === WebSocket.OPEN) this.#open.send(JSON.stringify(frame))
  }

  async #connect(signal: AbortSignal): Promise<void> {
    if (this.#socketFailures < SOCKET_TRIES) {
      await this.#socket(signal)
      return
    }
    for (let polls = 0; polls < POLLS_BEFORE_SOCKET && !signal.aborted; polls += 1) {
      await this.#poll(signal)
    }
    this.#socketFailures = 0
  }

  async #poll(signal: AbortSignal): Promise<void> {
    this.listener.inbox(await this.api.inbox())
    this.#works()
    for (const [id, after] of this.listener.watched()) {
      const { events, passing, read_up_to } = await this.api.events(id, after)
      this.listener.events(id, [...events, ...passing], read_up_to)
      for (const note of await this.api.notes(id)) this.listener.note(id, note)
    }
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, POLL_PAUSE)
      signal.addEventListener('abort', () => {
        clearTimeout(timer)
        resolve()
      })
    })
  }

  #works(): void {
    this.#line.backoff.reset()
    this.listener.lineChanged('online')
  }

  #socket(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const socket = new WebSocket(address())
      const close = () => socket.close()
      let heard = Date.now()
      const pings = setInterval(() => {
        if (Date.now() - heard > SILENT_FOR) close()
        else if (socket.readyState === WebSocket.OPEN) socket.send('{"type":"ping"}')
      }, PING_EVERY)
      let settled: ReturnType<typeof setTimeout> | undefined
      signal.addEventListener('abort', close)
      socket.onopen = () => {
        socket.send(JSON.stringify({ csrf_token: this.listener.csrf(), watch: Object.fromEntries(this.listener.watched()) }))
        this.#open = socket
        this.listener.lineChanged('online')
        settled = setTimeout(() => this.#settle(), SETTLED)
      }
      socket.onmessage = (message: MessageEvent<string>) => {
        heard = Date.now()
        this.#settle()
        this.#take(JSON.parse(message.data) as Frame)
      }
      socket.onclose = () => {
        if (this.#open === socket) this.#open = null
        clearInterval(pings)
        clearTimeout(settled)
        signal.removeEventListener('abort', close)
        if (!signal.aborted) this.#socketFailures += 1
        resolve()
      }
    })
  }

  #settle(): void {
    this.#socketFailures = 0
    this.#line.backoff.reset()
  }

  #take(frame: Frame): void {
    if (frame.type === 'inbox') this.listener.inbox(frame.inbox)
    else if (frame.type === 'event') this.listener.events(frame.conversation_id, [frame.event])
    else if (frame.type === 'note') this.listener.note(frame.conversation_id, frame.note)
    else if (frame.type === 'forced_out') this.listener.forcedOut()
  }
}

function address(): string {
  const url = new URL('/api/v1/desk/ws', location.href)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  return url.href
}
