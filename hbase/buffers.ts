const SMALLEST = 1 << 16
const MAX_KEPT = 16
const LARGEST_KEPT = 1 << 22

/** Buffers for requests and long answers, used again: touching fresh memory costs more than filling it. */
export class BufferPool {
  readonly #free: Buffer[] = []
  /** What others made may be part of something else, and is never kept. */
  readonly #lent = new WeakSet<ArrayBufferLike>()

  /** A buffer of exactly this size, not cleared. */
  take(size: number): Buffer {
    const at = this.#free.findIndex(({ length }) => length >= size)
    const [found] = at < 0 ? [] : this.#free.splice(at, 1)
    const whole = found ?? Buffer.allocUnsafeSlow(roundUp(size))
    this.#lent.add(whole.buffer)
    return whole.subarray(0, size)
  }

  /** Takes back a buffer, or a view of one, that nobody looks at any more; of a request, after its call was answered. */
  give(bytes: Buffer): void {
    if (!this.#lent.delete(bytes.buffer)) return
    const whole = Buffer.from(bytes.buffer)
    if (this.#free.length < MAX_KEPT && whole.length <= LARGEST_KEPT) this.#free.push(whole)
  }
}

/** To an eighth at most above: one that is not given back should not waste much. */
function roundUp(size: number): number {
  let step = SMALLEST
  while (step * 8 < size) step *= 2
  return Math.ceil(size / step) * step
}
