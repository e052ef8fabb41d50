import { Backoff } from '../common/backoff'
import { Problem, Unreachable } from '../common/problem'
import { Reconnecting } from '../common/reconnecting'
import type { Line } from '../common/reconnecting'
import type { ChatEvent } from '../common/types'
import type { Session, Signal } from './api'

/** What the connection needs of the API. */
export interface EventSource {
  session(): Promise<Session>
  isClosedToPage(): Promise<boolean>
  expire(session: Session): void
  poll(after: number, signal: AbortSignal): Promise<ChatEvent[]>
  socketUrl(): string
  signal(signal: Signal): Promise<void>
}

export interface Listener {
  /** The last event that is known, from which the server goes on. */
  after(): number
  received(events: ChatEvent[]): void
  lineChanged(line: Line): void
  /** The server refused for a reason that no new try will change. */
  refused(problem: Problem): void
}

const SOCKET_TRIES = 2
const POLLS_BEFORE_SOCKET = 20
const SETTLED = 3000

/** Brings events: over a WebSocket, or by long polling where that does not get through. */
export class Connection {
  readonly #line: Reconnecting
  #socketFailures = 0
  #open: WebSocket | null = null

  constructor(
    private readonly api: EventSource,
    private readonly listener: Listener,
    private readonly backoff = new Backoff(),
  ) {
    const changed = (line: Line) => listener.lineChanged(line)
    this.#line = new Reconnecting((signal) => this.#connect(signal), changed, (error) => this.#noteFailure(error), backoff)
  }

  start(): void {
    this.#line.start()
  }

  stop(): void {
    this.#line.stop()
  }

  /** Connect anew at once: the line came back, or an event is overdue. */
  restart(): void {
    this.#socketFailures = 0
    this.#line.restart()
  }

  /** Pass on what is worth knowing for a moment; nothing is lost where it does not arrive. */
  signal(signal: Signal): void {
    if (this.#open) this.#open.send(JSON.stringify(signal))
    else this.api.signal(signal).catch(() => undefined)
  }

  #noteFailure(error: unknown): void {
    if (error instanceof Unreachable) {
      // Then it was the server that is away, and no proxy that refuses sockets.
      this.#socketFailures = 0
    } else if (!(error instanceof Problem)) {
      throw error
    } else if (!error.passes && error.status !== 401) {
      this.listener.refused(error)
    }
  }

  async #connect(signal: AbortSignal): Promise<void> {
    if (this.#socketFailures < SOCKET_TRIES) {
      await this.#socket(await this.#session(), signal)
      return
    }
    for (let polls = 0; polls < POLLS_BEFORE_SOCKET && !signal.aborted; polls += 1) {
      this.#deliver(await this.api.poll(this.listener.after(), signal))
    }
    this.#socketFailures = 0
  }

  async #session(): Promise<Session> {
    try {
      return await this.api.session()
    } catch (error) {
      if (!(error instanceof Unreachable) || !(await this.api.isClosedToPage())) throw error
      throw new Problem(403, 'origin_refused', '暂时连接不上客服，请稍后再试，或通过其他方式联系商家。')
    }
  }

  #deliver(events: ChatEvent[]): void {
    this.backoff.reset()
    this.listener.lineChanged('online')
    if (events.length > 0) this.listener.received(events)
  }

  #socket(session: Session, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const socket = new WebSocket(this.api.socketUrl())
      let settled: ReturnType<typeof setTimeout> | undefined
      const works = () => {
        clearTimeout(settled)
        this.#socketFailures = 0
      }
      const close = () => socket.close()
      signal.addEventListener('abort', close)
      socket.onopen = () => {
        socket.send(JSON.stringify({ session_token: session.session_token, after: this.listener.after() }))
        this.#open = socket
        this.listener.lineChanged('online')
        settled = setTimeout(() => {
          works()
          this.backoff.reset()
        }, SETTLED)
      }
      socket.onmessage = (frame: MessageEvent<string>) => {
        works()
        this.#deliver(eventsIn(frame.data))
      }
      socket.onclose = (end) => {
        if (this.#open === socket) this.#open = null
        clearTimeout(settled)
        signal.removeEventListener('abort', close)
        if (!signal.aborted) {
          if (refusesToken(end.code)) this.api.expire(session)
          else this.#socketFailures += 1
        }
        resolve()
      }
    })
  }
}

/** Close codes for a token that is not (or no longer) good. */
function refusesToken(code: number): boolean {
  return code === 1008 || code === 4401
}

function eventsIn(frame: string): ChatEvent[] {
  const data = JSON.parse(frame) as ChatEvent | { events: ChatEvent[] }
  if ('events' in data) return data.events
  return 'type' in data ? [data] : []
}
