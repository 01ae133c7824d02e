import type { Encode } from './codec.ts'
import { putWord } from './integers.ts'

/** One number's memory, used again for every value: reading and writing it is one step. */
const number = new DataView(new ArrayBuffer(8))

/** IEEE 754, big end first, as `Bytes.toBytes(float)` writes it. */
export const float32: Encode = (text) => {
  const value = parsed(text)
  if (Number.isNaN(value)) return null
  number.setFloat32(0, value)
  return taken(4)
}

/** IEEE 754, big end first, as `Bytes.toBytes(double)` writes it. */
export const float64: Encode = (text) => {
  const value = parsed(text)
  if (Number.isNaN(value)) return null
  number.setFloat64(0, value)
  return taken(8)
}

/**
 * In the order of the numbers, as Phoenix's `PFloat.FloatCodec` and `PDouble.DoubleCodec` write them: the sign bit of a
 * positive number and all bits of a negative one are inverted, and 1 is added.
 */
export const sortedFloat32: Encode = (text) => sorted(float32(text))
export const sortedFloat64: Encode = (text) => sorted(float64(text))

function sorted(cell: Uint8Array | null): Uint8Array | null {
  if (cell === null) return null
  const negative = (cell[0] as number) >= 0x80
  for (let i = 0; i < cell.length; i++)
    cell[i] = negative ? ~(cell[i] as number) : (cell[i] as number)
  if (!negative) cell[0] = (cell[0] as number) | 0x80
  for (let i = cell.length - 1; i >= 0; i--) {
    const next = (cell[i] as number) + 1
    cell[i] = next
    if (next < 0x100) break
  }
  return cell
}

/** A float's canonical text is ASCII and short. */
function parsed(text: Uint8Array): number {
  if (text.length === 0) return NaN
  let characters = ''
  for (let i = 0; i < text.length; i++) characters += String.fromCharCode(text[i] as number)
  return Number(characters)
}

function taken(size: 4 | 8): Uint8Array {
  const cell = new Uint8Array(size)
  putWord(cell, 0, number.getUint32(0))
  if (size === 8) putWord(cell, 4, number.getUint32(4))
  return cell
}
