import { setTimeout as sleep } from 'node:timers/promises'
import type { Lag } from '../model/change.ts'
import type { Capture } from '../sources/source.ts'

/** From this size on the log is folded: it must not outgrow the tables. */
const FOLD_ABOVE = 50_000
/** Log rows for each key from which on folding is worth it; what it leaves is as much at most. */
const WORTH = 2
/** Log rows in memory at once, roughly. */
const ROWS_AT_ONCE = 50_000
/** A batch that takes longer waits for a target that is away; folding fences it, which costs nothing then. */
const STUCK_MS = 15_000
const LOOK_MS = 1000
/** Counting a long log takes a while: the source rests so many times as long in between. */
const RESTS = 9

/**
 * Watches how much waits in a log, and folds it each time it has doubled. So it holds at most four rows for each
 * key that changed, and 50,000 rows more, whatever it is that keeps them from being applied.
 */
export class LogBound {
  lag: Lag
  readonly #capture: Capture
  /** Rows when it last was known how many keys they are about. */
  #left = 0
  #folding = false
  #batchBegan = Infinity

  constructor(capture: Capture, lag: Lag) {
    this.#capture = capture
    this.lag = lag
  }

  get isLong(): boolean {
    return this.lag.changes > Math.max(FOLD_ABOVE, 2 * this.#left)
  }

  async look(): Promise<void> {
    this.lag = await this.#capture.lag()
    const { changes } = this.lag
    // What is left of a log that was long may be about other keys than most of it was
    if (changes < FOLD_ABOVE || 2 * changes <= this.#left) this.#left = 0
  }

  /**
   * Folds all of the log, the keys of one part after the other, so that what is read at once fits into memory. Not
   * where it would not even become half as long: that costs more than to apply it, and the bound holds.
   */
  async fold(): Promise<void> {
    if (this.#folding) return
    this.#folding = true
    try {
      const { changes } = this.lag
      if (changes <= WORTH * (await this.#capture.waiting())) {
        this.#left = changes
        return
      }
      const token = await this.#capture.token('compactor')
      const of = Math.ceil(this.lag.changes / ROWS_AT_ONCE)
      for (let no = 0; no < of; no++)
        if ((await this.#capture.compact(token, 2 * ROWS_AT_ONCE, { no, of })) === null) return
      await this.look()
      this.#left = this.lag.changes
    } finally {
      this.#folding = false
    }
  }

  /** Runs a batch; the log is folded before it when it is long, and while it hangs. */
  async around<Result>(batch: () => Promise<Result>): Promise<Result> {
    if (this.isLong) await this.fold()
    this.#batchBegan = performance.now()
    try {
      return await batch()
    } finally {
      this.#batchBegan = Infinity
    }
  }

  /** Looks once a second beside the batches, until it is told to stop: a lag that grows because one of them hangs must be seen. */
  watch(seen: () => Promise<void>): () => void {
    const stop = new AbortController()
    const watching = async (): Promise<void> => {
      while (!stop.signal.aborted) {
        const began = performance.now()
        await this.#lookAndFold()
          .then(seen)
          .catch(() => undefined)
        const took = performance.now() - began
        await sleep(Math.max(LOOK_MS, RESTS * took), undefined, { signal: stop.signal })
      }
    }
    watching().catch(() => undefined) // told to stop
    return () => stop.abort()
  }

  async #lookAndFold(): Promise<void> {
    await this.look()
    if (this.isLong && performance.now() - this.#batchBegan > STUCK_MS) await this.fold()
  }
}
