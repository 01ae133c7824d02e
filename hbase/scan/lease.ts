/** A scanner nobody comes back for is let go at last; who does come back gets a new one. */
const LONGEST_MS = 30 * 60_000

/**
 * Keeps a scanner alive while its consumer is busy elsewhere: a server forgets one that is not
 * asked for longer than its ttl (hbase.client.scanner.timeout.period, 60 s by default). Never two
 * calls on one scanner at a time: the server would take one of them for lost (LeaseException).
 */
export class Lease {
  #timer: NodeJS.Timeout | undefined
  #renewal: Promise<void> | undefined

  /** Renews well before each ttl is over, until `take`, a failure, or half an hour. */
  renew(ttlMs: number, call: () => Promise<void>, left = LONGEST_MS): void {
    if (left <= 0) return
    const pause = ttlMs / 3
    this.#timer = setTimeout(() => {
      this.#renewal = call().then(
        () => {
          this.#renewal = undefined
          if (this.#timer !== undefined) this.renew(ttlMs, call, left - pause)
        },
        () => {
          // The next call will find out what is the matter.
          this.#renewal = undefined
        },
      )
    }, pause)
    this.#timer.unref()
  }

  /** Ends it, and waits for a call under way. */
  async take(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    await this.#renewal
  }
}
