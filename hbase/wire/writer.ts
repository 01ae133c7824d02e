/** Builds one protobuf message; grows as needed. */
export class Writer {
  #bytes: Buffer
  #end: number

  /** `headroom` bytes are left free in front, for whoever frames the message. */
  constructor(headroom = 0) {
    this.#bytes = Buffer.allocUnsafe(headroom + 256)
    this.#end = headroom
  }

  /** Everything so far, headroom included; a view, valid until the next write. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#end)
  }

  uint(value: number): void {
    this.#reserve(10)
    this.#end = putVarint(this.#bytes, this.#end, value)
  }

  /** Two's complement in 64 bits, as protobuf writes int64 and uint64 alike. */
  uint64(value: bigint): void {
    this.#reserve(10)
    let rest = BigInt.asUintN(64, value)
    while (rest > 127n) {
      this.#bytes[this.#end++] = Number(rest & 127n) | 128
      rest >>= 7n
    }
    this.#bytes[this.#end++] = Number(rest)
  }

  float(value: number): void {
    this.#reserve(4)
    this.#end = this.#bytes.writeFloatLE(value, this.#end)
  }

  /** Length, then the bytes. */
  block(value: Uint8Array): void {
    this.#reserve(10 + value.length)
    this.#end = putVarint(this.#bytes, this.#end, value.length)
    this.#bytes.set(value, this.#end)
    this.#end += value.length
  }

  #reserve(size: number): void {
    if (this.#end + size <= this.#bytes.length) return
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#end + size))
    this.#bytes.copy(larger, 0, 0, this.#end)
    this.#bytes = larger
  }
}

/** Writes a whole number from 0 to 2^53 and returns the position after it. */
export function putVarint(bytes: Uint8Array, at: number, value: number): number {
  let rest = value
  while (rest > 0x7fffffff) {
    bytes[at++] = (rest % 128) | 128
    rest = Math.floor(rest / 128)
  }
  while (rest > 127) {
    bytes[at++] = (rest & 127) | 128
    rest >>>= 7
  }
  bytes[at++] = rest
  return at
}

/** Bytes `putVarint` takes for a number below 2^31. */
export const varintSize = (value: number): number =>
  value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x200000 ? 3 : value < 0x10000000 ? 4 : 5

/** Copies a short array without the call into native code, which costs more than a few dozen bytes. */
export function putBytes(bytes: Uint8Array, at: number, from: Uint8Array): number {
  const length = from.length
  if (length > 40) {
    bytes.set(from, at)
    return at + length
  }
  let i = 0
  // Four at a time is a quarter quicker: the end is looked for less often.
  for (; i + 3 < length; i += 4) {
    bytes[at + i] = from[i] ?? 0
    bytes[at + i + 1] = from[i + 1] ?? 0
    bytes[at + i + 2] = from[i + 2] ?? 0
    bytes[at + i + 3] = from[i + 3] ?? 0
  }
  for (; i < length; i++) bytes[at + i] = from[i] ?? 0
  return at + length
}
