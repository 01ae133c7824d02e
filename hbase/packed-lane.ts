import { Slab } from './wire/slab.ts'

/** Small, since a table may have a thousand regions. */
const SMALLEST = 1 << 12

/** The packed rows of one region: their positions, and their cells one after the other. */
export class Lane {
  readonly items: number[] = []
  slab = new Slab(Buffer.allocUnsafeSlow(SMALLEST))
  /** Where the next cell goes. */
  end = 0

  /** Makes room behind the last cell. */
  reserve(size: number): Slab {
    if (this.end + size > this.slab.bytes.length) this.slab = this.slab.grown(this.end, size)
    return this.slab
  }

  clear(): void {
    this.items.length = 0
    this.end = 0
  }
}
