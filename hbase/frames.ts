import type { BufferPool } from './buffers.ts'

/** More than HBase ever sends (hbase.ipc.max.request.size is 256 MB); a larger length means noise. */
export const MAX_FRAME = 1 << 30

/** Shorter frames are parts of larger memory of Node's own. */
const LONG = 1 << 16

/** Cuts a byte stream into HBase's frames: int32 length, then that many bytes. Each is memory of its own. */
export class FrameReader {
  readonly #onFrame: (frame: Buffer) => void
  readonly #buffers: BufferPool | undefined
  readonly #head = Buffer.alloc(4)
  #headFilled = 0
  #frame: Buffer | undefined
  #filled = 0

  /** Long frames are taken from `buffers`, for their readers to give back. */
  constructor(onFrame: (frame: Buffer) => void, buffers?: BufferPool) {
    this.#onFrame = onFrame
    this.#buffers = buffers
  }

  /** Takes what came, which may be used again afterwards. Throws when the stream makes no sense. */
  push(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length)
      at =
        this.#frame === undefined ? this.#readHead(chunk, at) : this.#fill(this.#frame, chunk, at)
  }

  #readHead(chunk: Buffer, at: number): number {
    while (this.#headFilled < 4 && at < chunk.length)
      this.#head[this.#headFilled++] = chunk[at++] ?? 0
    if (this.#headFilled < 4) return at
    this.#headFilled = 0
    const length = this.#head.readUInt32BE(0)
    if (length > MAX_FRAME) throw new RangeError(`a frame of ${length} bytes`)
    const pooled = length < LONG ? undefined : this.#buffers?.take(length)
    const frame = pooled ?? Buffer.allocUnsafe(length)
    this.#filled = 0
    if (length === 0) this.#onFrame(frame)
    else this.#frame = frame
    return at
  }

  #fill(frame: Buffer, chunk: Buffer, at: number): number {
    const size = chunk.copy(frame, this.#filled, at)
    this.#filled += size
    if (this.#filled === frame.length) {
      this.#frame = undefined
      this.#onFrame(frame)
    }
    return at + size
  }
}
