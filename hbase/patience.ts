import type { RemoteFault } from './faults.ts'

/** An exception neither known as passing nor as final is worth this many tries. */
export const PROBES = 5

/** Decides when an operation gives up on what the server answers. */
export class Patience {
  #probes: number
  #counted = false

  constructor(probes = 0) {
    this.#probes = probes
  }

  /** However many rows fail alike in a round, it counts as one try. */
  nextRound(): void {
    this.#counted = false
  }

  /** As much of it as is left, for a round of its own. */
  forNextRound(): Patience {
    return new Patience(this.#probes)
  }

  /** To be called when something worked out. */
  reset(): void {
    this.#probes = 0
  }

  isFinal({ remedy }: RemoteFault): boolean {
    if (remedy !== 'probe') return remedy === 'refused'
    if (!this.#counted) this.#probes++
    this.#counted = true
    return this.#probes >= PROBES
  }
}
