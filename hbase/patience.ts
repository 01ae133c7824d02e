import type { Remedy, RemoteFault } from './faults.ts'

/** An exception neither known as passing nor as final is worth this many tries. */
const PROBES = 5

/** A row outside of its region says once that the region was remembered wrongly; the next time it is a fact. */
const TRIES: Partial<Readonly<Record<Remedy, number>>> = { probe: PROBES, misplaced: 2, refused: 1 }

/** Decides when an operation gives up on what the server answers. */
export class Patience {
  readonly #failed: Map<Remedy, number>
  readonly #counted = new Set<Remedy>()

  constructor(failed: ReadonlyMap<Remedy, number> = new Map()) {
    this.#failed = new Map(failed)
  }

  /** However many rows fail alike in a round, it counts as one try. */
  nextRound(): void {
    this.#counted.clear()
  }

  /** As much of it as is left, for a round of its own. */
  forNextRound(): Patience {
    return new Patience(this.#failed)
  }

  /** To be called when something worked out. */
  reset(): void {
    this.#failed.clear()
  }

  isFinal({ remedy }: RemoteFault): boolean {
    const failed = this.#failed.get(remedy) ?? 0
    const tries = this.#counted.has(remedy) ? failed : failed + 1
    this.#counted.add(remedy)
    this.#failed.set(remedy, tries)
    return tries >= (TRIES[remedy] ?? Infinity)
  }
}
