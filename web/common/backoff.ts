/** Growing pauses between tries: each random between half and all of a doubling ceiling. */
export class Backoff {
  #failures = 0

  /** `first` and `longest` are milliseconds; `random` gives numbers in [0, 1). */
  constructor(
    private readonly first = 500,
    private readonly longest = 20_000,
    private readonly random: () => number = Math.random,
  ) {}

  /** Milliseconds to wait before the next try. */
  next(): number {
    const ceiling = Math.min(this.longest, this.first * 2 ** Math.min(this.#failures, 30))
    this.#failures += 1
    return ceiling * (0.5 + this.random() / 2)
  }

  reset(): void {
    this.#failures = 0
  }
}

/** Resolves after `milliseconds`, or at once when one of `signals` is aborted. */
export function pause(milliseconds: number, ...signals: AbortSignal[]): Promise<void> {
  return new Promise((resolve) => {
    if (signals.some((signal) => signal.aborted)) {
      resolve()
      return
    }
    const timer = setTimeout(done, milliseconds)
    function done() {
      clearTimeout(timer)
      for (const signal of signals) signal.removeEventListener('abort', done)
      resolve()
    }
    for (const signal of signals) signal.addEventListener('abort', done)
  })
}
