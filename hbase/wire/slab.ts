/** Memory to write to: numbers through the view, at a fraction of what their single bytes cost. */
export class Slab {
  readonly bytes: Buffer
  readonly view: DataView

  constructor(bytes: Buffer) {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  /** A larger one that begins with the first `end` bytes of this one and has room for `more`. */
  grown(end: number, more: number): Slab {
    const larger = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, end + more))
    this.bytes.copy(larger, 0, 0, end)
    return new Slab(larger)
  }
}
