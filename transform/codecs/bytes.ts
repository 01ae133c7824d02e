import type { Column, ColumnKind } from '../../model/table.ts'
import { bigDecimal } from './big-decimals.ts'
import type { Codec, Layout } from './codec.ts'
import { float32, float64 } from './floats.ts'
import { integer } from './integers.ts'
import { isTruth, truth } from './truth.ts'

/** As HBase's own `org.apache.hadoop.hbase.util.Bytes` writes Java's types; its `toShort` and its like read them. */
export const bytes: Codec = {
  layout(column) {
    if (column.kind !== 'integer' && column.kind !== 'bits') return LAYOUTS[column.kind] ?? STRING
    return isTruth(column) ? BOOLEAN : whole(column)
  },
}

const STRING: Layout = { name: 'String' }
const BOOLEAN: Layout = { name: 'boolean', encode: truth(0xff, 0) }
const SHORT: Layout = { name: 'short', encode: integer(2) }
const INT: Layout = { name: 'int', encode: integer(4) }
const LONG: Layout = { name: 'long', encode: integer(8) }

/** All others are text. */
const LAYOUTS: Partial<Record<ColumnKind, Layout>> = {
  year: SHORT,
  decimal: { name: 'BigDecimal', encode: bigDecimal },
  float: { name: 'float', encode: float32 },
  double: { name: 'double', encode: float64 },
  bytes: { name: 'byte[]' },
}

/** The smallest that holds all values; Java has no unsigned ones. */
function whole({ kind, bits = Infinity, unsigned = false }: Column): Layout | null {
  const signed = unsigned || kind === 'bits' ? bits + 1 : bits
  if (signed <= 16) return SHORT
  if (signed <= 32) return INT
  return signed <= 64 ? LONG : null
}
