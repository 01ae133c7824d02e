import type { Column, ColumnKind } from '../../model/table.ts'
import type { Codec, Layout } from './codec.ts'
import { sortedFloat32, sortedFloat64 } from './floats.ts'
import { integer } from './integers.ts'
import { phoenixDecimal } from './phoenix-decimals.ts'
import { phoenixDate, phoenixTimestamp } from './phoenix-moments.ts'
import { isTruth, truth } from './truth.ts'

/** `PDataType.MAX_PRECISION`: what has more digits is rounded there. */
const MOST_DIGITS = 38

/** As the `PDataType` classes of Apache Phoenix write values; the names are Phoenix's own SQL types. */
export const phoenix: Codec = {
  layout(column) {
    const { kind, precision = Infinity } = column
    if (kind === 'integer' || kind === 'bits') return isTruth(column) ? BOOLEAN : whole(column)
    if (kind === 'decimal' && precision > MOST_DIGITS) return null
    return LAYOUTS[kind] ?? VARCHAR
  },
}

/** The smallest that holds all values. */
function whole({ kind, bits = Infinity, unsigned = false }: Column): Layout | null {
  const layouts = unsigned || kind === 'bits' ? UNSIGNED : SIGNED
  return layouts.find(([most]) => bits <= most)?.[1] ?? null
}

/** A layout and how many bits the values may take that it holds. */
type Sized = readonly [bits: number, layout: Layout]

const BOOLEAN: Layout = { name: 'BOOLEAN', encode: truth(1, 0) }
const VARCHAR: Layout = { name: 'VARCHAR' }
const DECIMAL: Layout = { name: 'DECIMAL', encode: phoenixDecimal }
const TIMESTAMP: Layout = { name: 'TIMESTAMP', encode: phoenixTimestamp }
const UNSIGNED_SMALLINT: Layout = { name: 'UNSIGNED_SMALLINT', encode: integer(2) }

const flipped = { flipped: true }

const SIGNED: readonly Sized[] = [
  [8, { name: 'TINYINT', encode: integer(1, flipped) }],
  [16, { name: 'SMALLINT', encode: integer(2, flipped) }],
  [32, { name: 'INTEGER', encode: integer(4, flipped) }],
  [64, { name: 'BIGINT', encode: integer(8, flipped) }],
]

/** Phoenix's unsigned types go no further than the signed ones of their size. */
const UNSIGNED: readonly Sized[] = [
  [15, UNSIGNED_SMALLINT],
  [31, { name: 'UNSIGNED_INT', encode: integer(4) }],
  [63, { name: 'UNSIGNED_LONG', encode: integer(8) }],
  [64, DECIMAL],
]

/** All others are text. */
const LAYOUTS: Partial<Record<ColumnKind, Layout>> = {
  year: UNSIGNED_SMALLINT,
  decimal: DECIMAL,
  float: { name: 'FLOAT', encode: sortedFloat32 },
  double: { name: 'DOUBLE', encode: sortedFloat64 },
  date: { name: 'DATE', encode: phoenixDate },
  datetime: TIMESTAMP,
  timestamp: TIMESTAMP,
  bytes: { name: 'VARBINARY' },
}
