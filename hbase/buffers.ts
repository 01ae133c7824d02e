const SMALLEST = 1 << 16
const MAX_KEPT = 16
const LARGEST_KEPT = 1 << 22

/** Buffers for requests, used again: touching fresh memory costs more than filling it. */
export class BufferPool {
  readonly #free: Buffer[] = []

  /** A buffer of exactly this size, not cleared. */
  take(size: number): Buffer {
    const at = this.#free.findIndex(({ length }) => length >= size)
    const [found] = at < 0 ? [] : this.#free.splice(at, 1)
    return (found ?? Buffer.allocUnsafeSlow(roundUp(size))).subarray(0, size)
  }

  /** Takes a buffer back. Only when the socket is done with it: after its call was answered. */
  give(bytes: Buffer): void {
    const whole = Buffer.from(bytes.buffer)
    if (this.#free.length < MAX_KEPT && whole.length <= LARGEST_KEPT) this.#free.push(whole)
  }
}

function roundUp(size: number): number {
  let rounded = SMALLEST
  while (rounded < size) rounded *= 2
  return rounded
}
