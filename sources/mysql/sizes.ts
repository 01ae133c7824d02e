import type { Column } from '../../model/table.ts'

const BITS: Readonly<Record<string, number>> = {
  tinyint: 8,
  smallint: 16,
  mediumint: 24,
  int: 32,
  bigint: 64,
}

/** What a type says of its values: `int(10) unsigned` has 32 bits and none below 0; empty for types without a size. */
export function sizeOf(columnType: string): Pick<Column, 'bits' | 'unsigned' | 'precision'> {
  const [, name = '', size = ''] = /^(\w+)(?:\((\d+)[^)]*\))?/.exec(columnType.toLowerCase()) ?? []
  if (name === 'bit') return { bits: Number(size) }
  if (name === 'decimal') return { precision: Number(size) }
  const bits = BITS[name]
  if (bits === undefined) return {}
  return { bits, unsigned: /\bunsigned\b/.test(columnType) }
}
