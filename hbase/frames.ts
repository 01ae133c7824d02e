/** More than HBase ever sends (hbase.ipc.max.request.size is 256 MB); a larger length means noise. */
export const MAX_FRAME = 1 << 30

/** Cuts a byte stream into HBase's frames: int32 length, then that many bytes. */
export class FrameReader {
  readonly #head = Buffer.alloc(4)
  #headFilled = 0
  #frame: Buffer | undefined
  #filled = 0

  /** Calls `onFrame` for every frame this chunk completes. Throws when the stream makes no sense. */
  push(chunk: Buffer, onFrame: (frame: Buffer) => void): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#frame === undefined) {
        at = this.#readHead(chunk, at)
        if (this.#headFilled < 4) return
        const length = this.#frameLength()
        this.#headFilled = 0
        if (chunk.length - at >= length) {
          onFrame(chunk.subarray(at, at + length))
          at += length
          continue
        }
        this.#frame = Buffer.allocUnsafeSlow(length)
        this.#filled = 0
      }
      at = this.#fill(this.#frame, chunk, at, onFrame)
    }
  }

  #readHead(chunk: Buffer, at: number): number {
    while (this.#headFilled < 4 && at < chunk.length)
      this.#head[this.#headFilled++] = chunk[at++] ?? 0
    return at
  }

  #frameLength(): number {
    const length = this.#head.readUInt32BE(0)
    if (length > MAX_FRAME) throw new RangeError(`a frame of ${length} bytes`)
    return length
  }

  #fill(frame: Buffer, chunk: Buffer, at: number, onFrame: (frame: Buffer) => void): number {
    const size = Math.min(frame.length - this.#filled, chunk.length - at)
    chunk.copy(frame, this.#filled, at, at + size)
    this.#filled += size
    if (this.#filled === frame.length) {
      this.#frame = undefined
      onFrame(frame)
    }
    return at + size
  }
}
