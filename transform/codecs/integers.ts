import type { Encode } from './codec.ts'

/** Bytes of an integer in a cell. */
export type Size = 1 | 2 | 4 | 8

const MINUS = 0x2d
const ZERO = 0x30
const WORD = 0x1_0000_0000

/** So many digits stay a whole number whatever they are. */
const SAFE_DIGITS = 15

/**
 * Two's complement, big end first, as `Bytes.toBytes(short|int|long)` of HBase writes it. With `flipped` the sign bit is
 * inverted, so that the bytes of negative numbers come first, as in Phoenix's signed integers.
 */
export function integer(size: Size, { flipped = false } = {}): Encode {
  const sign = flipped ? 0x80 : 0
  const narrow = size === 8 ? null : 2 ** (8 * size - 1)
  return (text) => {
    const negative = text[0] === MINUS
    const from = negative ? 1 : 0
    if (text.length === from) return null
    if (narrow === null) return wide(text, from, { negative, sign })
    const magnitude = small(text, from)
    // also for NaN, which is what no digits give
    if (!(magnitude < narrow || (negative && magnitude === narrow))) return null
    const cell = new Uint8Array(size)
    let value = negative ? -magnitude : magnitude
    for (let i = size - 1; i >= 0; i--) {
      cell[i] = value & 0xff
      value >>= 8
    }
    cell[0] = (cell[0] as number) ^ sign
    return cell
  }
}

/** The digits as a number; NaN when there are other characters or more than stay exact. */
export function small(text: Uint8Array, from: number): number {
  if (text.length - from > SAFE_DIGITS) return NaN
  let value = 0
  for (let i = from; i < text.length; i++) {
    const digit = (text[i] as number) - ZERO
    if (digit < 0 || digit > 9) return NaN
    value = value * 10 + digit
  }
  return value
}

/** Eight bytes, counted in two words so that no BigInt is made for each value. */
function wide(
  text: Uint8Array,
  from: number,
  { negative, sign }: { readonly negative: boolean; readonly sign: number },
): Uint8Array | null {
  let high = 0
  let low = 0
  for (let i = from; i < text.length; i++) {
    const digit = (text[i] as number) - ZERO
    if (digit < 0 || digit > 9) return null
    const next = low * 10 + digit
    low = next % WORD
    high = high * 10 + (next - low) / WORD
    if (high > 0x8000_0000) return null
  }
  if (high === 0x8000_0000 && !(negative && low === 0)) return null
  if (negative) {
    high = ~high + (low === 0 ? 1 : 0)
    low = -low
  }
  const cell = new Uint8Array(8)
  putWord(cell, 0, high)
  putWord(cell, 4, low)
  cell[0] = (cell[0] as number) ^ sign
  return cell
}

/** The lower 32 bits of a number at a place. */
export function putWord(cell: Uint8Array, at: number, word: number): void {
  cell[at] = word >>> 24
  cell[at + 1] = word >>> 16
  cell[at + 2] = word >>> 8
  cell[at + 3] = word
}
