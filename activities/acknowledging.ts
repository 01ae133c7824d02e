import type { Change, DeadLetter } from '../model/change.ts'
import type { Capture } from '../sources/source.ts'
import type { ActivityContext } from './context.ts'

interface Acknowledger {
  readonly capture: Capture
  readonly token: number
  /** Changes acknowledged together, at least. */
  readonly atOnce: number
  readonly reached: ActivityContext['reached']
}

/**
 * Acknowledges changes of a batch that are written, one part after the other, while the rest still is on its way. Stops
 * at the first part that was fenced: what is not acknowledged by then will be read again.
 */
export class Acknowledging {
  readonly #acknowledger: Acknowledger
  #changes: Change[] = []
  #dead: DeadLetter[] = []
  #running: Promise<void> | null = null
  #fenced = false
  #failed = false
  readonly acknowledged = { changes: 0, dead: 0 }

  constructor(acknowledger: Acknowledger) {
    this.#acknowledger = acknowledger
  }

  get fenced(): boolean {
    return this.#fenced
  }

  /** Nothing more will be acknowledged: it is no use to write more. */
  get isOver(): boolean {
    return this.#fenced || this.#failed
  }

  /** These are written, or buried with their reasons. */
  add(changes: readonly Change[], dead: readonly DeadLetter[]): void {
    for (const change of changes) this.#changes.push(change)
    this.#dead.push(...dead)
    if (this.#changes.length >= this.#acknowledger.atOnce) this.#start()
  }

  /** Acknowledges the rest. Throws what any part has thrown. */
  async end(): Promise<void> {
    // Of nothing too: whether the batch was fenced is asked in any case
    if (this.#changes.length > 0 || this.#running === null) this.#start()
    await this.#running
  }

  /** Waits for the parts under way, whatever becomes of them. */
  async settled(): Promise<void> {
    await Promise.allSettled([this.#running])
  }

  #start(): void {
    const [changes, dead] = [this.#changes, this.#dead]
    this.#changes = []
    this.#dead = []
    const before = this.#running
    this.#running = (async () => {
      await before
      if (!this.#fenced) await this.#acknowledge(changes, dead)
    })()
    this.#running.catch(() => (this.#failed = true)) // seen at the end
  }

  async #acknowledge(changes: readonly Change[], dead: readonly DeadLetter[]): Promise<void> {
    const { capture, token, reached } = this.#acknowledger
    await reached('acknowledge')
    this.#fenced = !(await capture.acknowledge(token, changes, dead))
    if (this.#fenced) return
    this.acknowledged.changes += changes.length
    this.acknowledged.dead += dead.length
  }
}
