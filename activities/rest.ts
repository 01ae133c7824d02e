/** After a change another is likely. */
const SHORTEST_MS = 5
/** Ten questions a second are nothing to a source. */
const LONGEST_MS = 100

/** How long a log without changes is left alone: hardly after there were some, then longer and longer. */
export class Rest {
  #ms = SHORTEST_MS

  /** Milliseconds until the next look. */
  next(): number {
    const ms = this.#ms
    this.#ms = Math.min(2 * ms, LONGEST_MS)
    return ms
  }

  /** There was something. */
  end(): void {
    this.#ms = SHORTEST_MS
  }
}
