const START = 4
const MOST = 16
/** Answers that take this many times as long as alone: enough is under way. */
const FULL = 2
/** Too much is. */
const TOO_FULL = 4
const RENEW_MS = 20_000
const CALM_MS = 100

/**
 * How many requests one server should have under way, learnt from how long its answers take: one
 * more per window while they come about as quickly as from an idle server, fewer when they come
 * late, half when it says that it has too much to do (the gradient of TCP Vegas with the halving of
 * AIMD). HBase's own figure for this, `regionStatistics`, is no choice: switching it on can crash
 * the server, which then quotes a request buffer it has already given back.
 */
export class Pace {
  #limit = START
  #calmUntil = 0
  #measuredAt = 0
  /** The quickest answer per size class of requests, in ms. */
  readonly #quickest = new Map<number, number>()

  get limit(): number {
    return Math.floor(this.#limit)
  }

  /** `isFull`: as many were under way as the limit allows, so that the limit matters. */
  answered(milliseconds: number, bytes: number, isFull: boolean, now = performance.now()): void {
    if (now - this.#measuredAt > RENEW_MS) this.#measureAnew(now)
    const size = Math.round(Math.log2(bytes + 1))
    const quickest = Math.min(this.#quickest.get(size) ?? Infinity, Math.max(milliseconds, 1))
    this.#quickest.set(size, quickest)
    const times = milliseconds / quickest
    if (times > TOO_FULL) this.#limit = Math.max(1, this.#limit - 0.5)
    else if (times < FULL && isFull) this.#limit = Math.min(MOST, this.#limit + 1 / this.#limit)
  }

  /** The server has too much to do, or did not answer in time. Many such signs at once count as one. */
  overloaded(now = performance.now()): void {
    if (now < this.#calmUntil) return
    this.#calmUntil = now + CALM_MS
    this.#limit = Math.max(1, this.#limit / 2)
  }

  /** What was quick once is not for ever; with half as much under way it shows best. */
  #measureAnew(now: number): void {
    if (this.#measuredAt !== 0) this.#limit = Math.max(1, this.#limit / 2)
    this.#measuredAt = now
    this.#quickest.clear()
  }
}
