/** Walks over protobuf bytes. Every read past the end throws a RangeError: the answer is broken. */
export class Reader {
  readonly #bytes: Buffer
  #at: number
  readonly #end: number

  constructor(bytes: Buffer, at = 0, end = bytes.length) {
    this.#bytes = bytes
    this.#at = at
    this.#end = end
  }

  get more(): boolean {
    return this.#at < this.#end
  }

  get position(): number {
    return this.#at
  }

  /** A number below 2^53; larger ones must be read by `uint64`. */
  uint(): number {
    let value = this.#byte()
    if (value < 128) return value
    value &= 127
    let factor = 128
    for (;;) {
      const next = this.#byte()
      value += (next & 127) * factor
      if (next < 128) break
      factor *= 128
      if (factor > 2 ** 63) throw new RangeError('a number of more than 64 bits')
    }
    if (value > Number.MAX_SAFE_INTEGER) throw new RangeError('a number above 2^53')
    return value
  }

  uint64(): bigint {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const next = this.#byte()
      value |= BigInt(next & 127) << shift
      if (next < 128) return BigInt.asUintN(64, value)
    }
    throw new RangeError('a number of more than 64 bits')
  }

  float(): number {
    const at = this.#at
    this.#forward(4)
    return this.#bytes.readFloatLE(at)
  }

  /** A view of the next length-delimited field, not a copy. */
  block(): Buffer {
    const end = this.#blockEnd()
    const block = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return block
  }

  /** A reader limited to the next length-delimited field; this one goes on after it. */
  nested(): Reader {
    const end = this.#blockEnd()
    const nested = new Reader(this.#bytes, this.#at, end)
    this.#at = end
    return nested
  }

  /**
   * Begins the next length-delimited field and says where it ends: `nested` without a reader of its
   * own, for what comes by the thousand. `leave` has to follow when `position` is there.
   */
  enter(): number {
    return this.#blockEnd()
  }

  leave(end: number): void {
    if (this.#at !== end) throw new RangeError('a field longer than its message')
  }

  /** Passes over a field of this wire type. */
  skip(wire: number): void {
    if (wire === 0) while (this.#byte() > 127);
    else if (wire === 2) this.#at = this.#blockEnd()
    else if (wire === 1) this.#forward(8)
    else if (wire === 5) this.#forward(4)
    else throw new RangeError(`wire type ${wire}`)
  }

  #blockEnd(): number {
    const length = this.uint()
    const end = this.#at + length
    if (end > this.#end) throw new RangeError('a field longer than its message')
    return end
  }

  #forward(size: number): void {
    this.#at += size
    if (this.#at > this.#end) throw new RangeError('a message that ends too early')
  }

  #byte(): number {
    if (this.#at >= this.#end) throw new RangeError('a message that ends too early')
    return this.#bytes[this.#at++] ?? 0
  }
}
