import type { Column } from '../../model/table.ts'
import type { Encode } from './codec.ts'

/** BIT(1) only: TINYINT(1) may hold 2. */
export const isTruth = ({ kind, bits }: Column): boolean => kind === 'bits' && bits === 1

/** `1` and `0` as one byte each. */
export const truth =
  (yes: number, no: number): Encode =>
  (text) => {
    if (text.length !== 1) return null
    if (text[0] === 0x31) return Uint8Array.of(yes)
    return text[0] === 0x30 ? Uint8Array.of(no) : null
  }
