import type { Encode } from './codec.ts'
import { putWord, small } from './integers.ts'

const MINUS = 0x2d
const POINT = 0x2e

/**
 * As `Bytes.toBytes(BigDecimal)` of HBase writes it: the scale in four bytes, then the digits without their point as the
 * shortest two's complement, big end first, as `BigInteger.toByteArray` gives it. `19.90` keeps its scale of 2.
 */
export const bigDecimal: Encode = (text) => {
  const point = text.indexOf(POINT)
  const scale = point < 0 ? 0 : text.length - point - 1
  const digits = point < 0 ? text : withoutPoint(text, point)
  const unscaled = twosComplement(digits)
  if (unscaled === null) return null
  const cell = new Uint8Array(4 + unscaled.length)
  putWord(cell, 0, scale)
  cell.set(unscaled, 4)
  return cell
}

function withoutPoint(text: Uint8Array, point: number): Uint8Array {
  const digits = new Uint8Array(text.length - 1)
  for (let i = 0; i < point; i++) digits[i] = text[i] as number
  for (let i = point; i < digits.length; i++) digits[i] = text[i + 1] as number
  return digits
}

/** The shortest that still shows the sign in its first bit; null for what is no number. */
function twosComplement(digits: Uint8Array): Uint8Array | null {
  const negative = digits[0] === MINUS
  const from = negative ? 1 : 0
  if (digits.length === from) return null
  const value = small(digits, from)
  if (!Number.isNaN(value)) return shortest(negative ? -value : value)
  return long(digits, negative)
}

function shortest(value: number): Uint8Array {
  let size = 1
  // The most negative number of a size is one further from 0 than the most positive
  const magnitude = value < 0 ? -value - 1 : value
  while (magnitude >= 2 ** (8 * size - 1)) size++
  const cell = new Uint8Array(size)
  for (let i = size - 1, rest = value; i >= 0; i--) {
    const byte = ((rest % 256) + 256) % 256
    cell[i] = byte
    rest = (rest - byte) / 256
  }
  return cell
}

/** For more digits than a number holds. */
function long(digits: Uint8Array, negative: boolean): Uint8Array | null {
  let text = ''
  for (let i = negative ? 1 : 0; i < digits.length; i++) {
    const digit = digits[i] as number
    if (digit < 0x30 || digit > 0x39) return null
    text += String.fromCharCode(digit)
  }
  const magnitude = BigInt(text)
  const value = negative ? -magnitude : magnitude
  let bits = 8
  while (BigInt.asIntN(bits, value) !== value) bits += 8
  const hex = BigInt.asUintN(bits, value)
    .toString(16)
    .padStart(bits / 4, '0')
  const cell = new Uint8Array(bits / 8)
  for (let i = 0; i < cell.length; i++) cell[i] = parseInt(hex.slice(2 * i, 2 * i + 2), 16)
  return cell
}
