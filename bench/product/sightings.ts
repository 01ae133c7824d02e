/** Numbered changes that become visible one after the other; tells when each was first seen. */
export class Sightings {
  readonly #slots: number
  readonly #first: number
  readonly #seen: Float64Array
  /** Below this position all were seen. */
  #from = 0

  /** Changes from number `first` on; a change belongs to the slot of its number modulo `slots`. */
  constructor(slots: number, first: number, count: number) {
    this.#slots = slots
    this.#first = first
    this.#seen = new Float64Array(count).fill(NaN)
  }

  /** When each was seen; NaN for those that were not. */
  get times(): Float64Array {
    return this.#seen
  }

  get isComplete(): boolean {
    return this.#from === this.#seen.length
  }

  /** The slots of the oldest changes not seen yet, of the first `due`: each slot once, so many at most. */
  waiting(due: number, most: number): number[] {
    const slots = new Set<number>()
    for (let no = this.#from; no < due && slots.size < most; no++)
      if (Number.isNaN(this.#seen[no])) slots.add((this.#first + no) % this.#slots)
    return [...slots]
  }

  /** A slot held this number at this time: so every change of the slot up to it is visible, or written over. */
  saw(slot: number, number: number, at: number): void {
    const end = Math.min(this.#seen.length - 1, number - this.#first)
    const ahead = (slot - ((this.#first + this.#from) % this.#slots) + this.#slots) % this.#slots
    for (let no = this.#from + ahead; no <= end; no += this.#slots)
      if (Number.isNaN(this.#seen[no])) this.#seen[no] = at
    while (this.#from < this.#seen.length && !Number.isNaN(this.#seen[this.#from])) this.#from++
  }
}
