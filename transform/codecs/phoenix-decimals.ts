import type { Encode } from './codec.ts'

const MINUS = 0x2d
const POINT = 0x2e
const ZERO = 0x30

/** The exponent byte of a positive number has its upper bit set; of a negative one everything runs backwards. */
const POSITIVE_EXPONENT = 0x80 | 65
const NEGATIVE_EXPONENT = 62
const NEGATIVE_END = 102

/** `PDataType.MAX_BIG_DECIMAL_BYTES`: a negative number that would be longer goes without its end. */
const MOST_BYTES = 21

/**
 * As Phoenix's `PDecimal` writes it: 0 is the byte 0x80, any other number an exponent to the base 100, then its digits to
 * that base, first to last without zeros at either end. A digit d is d + 1, or 101 - d of a negative number, which ends in
 * 102, so that the bytes sort as the numbers do.
 *   19.90 -> c1 14 5b      19 · 100^0 + 90 · 100^-1
 */
export const phoenixDecimal: Encode = (text) => {
  const negative = text[0] === MINUS
  const digits = significant(text, negative ? 1 : 0)
  if (digits === null) return null
  const { first, last, whole } = digits
  if (first > last) return Uint8Array.of(0x80)

  // Pairs begin at the point: the first and the last may have a 0 from outside
  const from = Math.floor((first - whole) / 2)
  const to = Math.floor((last - whole) / 2)
  const size = to - from + 1
  const ended = negative && size + 2 <= MOST_BYTES
  const cell = new Uint8Array(1 + size + (ended ? 1 : 0))
  const exponent = -from - 1
  cell[0] = negative ? NEGATIVE_EXPONENT - exponent : POSITIVE_EXPONENT + exponent
  for (let i = 0; i < size; i++) {
    const at = whole + (from + i) * 2
    const pair = digitAt(text, at, digits) * 10 + digitAt(text, at + 1, digits)
    cell[1 + i] = negative ? 101 - pair : 1 + pair
  }
  if (ended) cell[1 + size] = NEGATIVE_END
  return cell
}

/** Where digits are, counted as if there were no point and no sign. */
interface Digits {
  /** Of the first and the last digit that is not 0. */
  readonly first: number
  readonly last: number
  /** How many digits stand before the point. */
  readonly whole: number
  readonly count: number
  /** Of the first digit in the text. */
  readonly begin: number
}

function significant(text: Uint8Array, begin: number): Digits | null {
  const point = text.indexOf(POINT, begin)
  const whole = (point < 0 ? text.length : point) - begin
  const count = text.length - begin - (point < 0 ? 0 : 1)
  if (count === 0) return null
  let first = count
  let last = -1
  for (let i = 0; i < count; i++) {
    const digit = text[placeOf(i, begin, whole)] as number
    if (digit < ZERO || digit > ZERO + 9) return null
    if (digit === ZERO) continue
    if (last < 0) first = i
    last = i
  }
  return { first, last, whole, count, begin }
}

/** Digits after the point are one further on. */
const placeOf = (at: number, begin: number, whole: number): number =>
  begin + at + (at >= whole ? 1 : 0)

function digitAt(text: Uint8Array, at: number, { count, whole, begin }: Digits): number {
  return at < 0 || at >= count ? 0 : (text[placeOf(at, begin, whole)] as number) - ZERO
}
