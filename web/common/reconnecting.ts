import { Backoff, pause } from './backoff'

export type Line = 'connecting' | 'online' | 'offline'

const LONGEST_SLEEP = 60_000

/**
 * Keeps one connection up: whenever it ends it is made anew, after growing pauses.
 *
 * `connect` lives as long as the connection and ends early when its signal is aborted.
 */
export class Reconnecting {
  #stop: AbortController | null = null
  #wake = new AbortController()
  #round = new AbortController()

  constructor(
    private readonly connect: (signal: AbortSignal) => Promise<void>,
    private readonly changed: (line: Line) => void,
    private readonly failed: (error: unknown) => void,
    readonly backoff = new Backoff(),
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
    this.#round.abort()
    this.#wake.abort()
  }

  async #run(stopped: AbortSignal): Promise<void> {
    this.changed('connecting')
    while (!stopped.aborted) {
      this.#round = new AbortController()
      this.#wake = new AbortController()
      if (!navigator.onLine) {
        this.changed('offline')
        await pause(LONGEST_SLEEP, this.#wake.signal, stopped)
        continue
      }
      try {
        await this.connect(this.#round.signal)
      } catch (error) {
        this.failed(error)
      }
      if (stopped.aborted) return
      if (this.#round.signal.aborted) continue
      this.changed('offline')
      await pause(this.backoff.next(), this.#wake.signal, stopped)
    }
  }
}
