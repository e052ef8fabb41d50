import { Backoff, pause } from './backoff'
import type { Outbox } from './outbox'

/** Carries what waits in an outbox, again and again, for as long as there is a line. */
export class Courier {
  #busy = false
  #now = new AbortController()
  #stopped = true

  constructor(
    private readonly outbox: Pick<Outbox, 'flush' | 'hasWork'>,
    private readonly backoff = new Backoff(),
  ) {}

  start(): void {
    this.#stopped = false
    void this.hurry()
  }

  stop(): void {
    this.#stopped = true
    this.#now.abort()
  }

  /** There is something to send, or the line is back: try at once. */
  async hurry(): Promise<void> {
    this.#now.abort()
    if (this.#busy) return
    this.#busy = true
    while (!this.#stopped && navigator.onLine && this.outbox.hasWork) {
      if (await this.outbox.flush()) {
        this.backoff.reset()
        continue
      }
      this.#now = new AbortController()
      await pause(this.backoff.next(), this.#now.signal)
    }
    this.#busy = false
  }
}
