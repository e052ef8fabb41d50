import { Backoff, pause } from '../common/backoff'
import { Problem, Unreachable } from '../common/problem'
import type { ChatEvent } from '../common/types'
import type { Session } from './api'

export type Line = 'connecting' | 'online' | 'offline'

/** What the connection needs of the API. */
export interface EventSource {
  session(): Promise<Session>
  expire(session: Session): void
  poll(after: number, signal: AbortSignal): Promise<ChatEvent[]>
  socketUrl(): string
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
const LONGEST_SLEEP = 60_000

/** Brings events: over a WebSocket, or by long polling where that does not get through. */
export class Connection {
  #stop: AbortController | null = null
  #wake = new AbortController()
  #round = new AbortController()
  #socketFailures = 0

  constructor(
    private readonly api: EventSource,
    private readonly listener: Listener,
    private readonly backoff = new Backoff(),
  ) {}

  start(): void {
    if (this.#stop) return
    this.#stop = new AbortController()
    void this.#run(this.#stop.signal)
  }

  stop(): void {
    this.#stop?.abort()
    this.#stop = null
    this.#round.abort()
    this.#wake.abort()
  }

  /** Connect anew at once: the line came back, or an event is overdue. */
  restart(): void {
    this.backoff.reset()
    this.#socketFailures = 0
    this.#round.abort()
    this.#wake.abort()
  }

  async #run(stopped: AbortSignal): Promise<void> {
    this.listener.lineChanged('connecting')
    while (!stopped.aborted) {
      this.#round = new AbortController()
      this.#wake = new AbortController()
      if (!navigator.onLine) {
        this.listener.lineChanged('offline')
        await pause(LONGEST_SLEEP, this.#wake.signal, stopped)
        continue
      }
      try {
        await this.#connect(this.#round.signal)
      } catch (error) {
        this.#noteFailure(error)
      }
      if (stopped.aborted) return
      if (this.#round.signal.aborted) continue
      this.listener.lineChanged('offline')
      await pause(this.backoff.next(), this.#wake.signal, stopped)
    }
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
      await this.#socket(await this.api.session(), signal)
      return
    }
    for (let polls = 0; polls < POLLS_BEFORE_SOCKET && !signal.aborted; polls += 1) {
      this.#deliver(await this.api.poll(this.listener.after(), signal))
    }
    this.#socketFailures = 0
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
