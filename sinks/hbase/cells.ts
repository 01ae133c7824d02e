import { KeyType, type Cell, type Mutation, type Result } from '../../hbase/index.ts'
import type { RowMutation, StoredRow } from '../../model/mutation.ts'

const NOTHING = new Uint8Array(0)

/**
 * A mutation as HBase's values and markers, all with explicit timestamps. A marker hides values of its own timestamp
 * too, whichever came first; so a replace has its markers one below its values, and an update never writes both in one cell.
 */
export function encodeMutation({ kind, row, version, families, cells }: RowMutation): Mutation {
  const encoded: Cell[] = []
  if (kind === 'replace')
    for (const family of families) encoded.push(familyMarker(family, version - 1))
  if (kind === 'remove') for (const family of families) encoded.push(familyMarker(family, version))
  for (const { column, value } of cells) {
    const { family, qualifier } = column
    if (value !== null)
      encoded.push({ type: KeyType.put, family, qualifier, timestamp: version, value })
    else if (kind === 'update')
      encoded.push({
        type: KeyType.deleteColumn,
        family,
        qualifier,
        timestamp: version,
        value: NOTHING,
      })
  }
  return { row, cells: encoded }
}

const familyMarker = (family: Uint8Array, timestamp: number): Cell => ({
  type: KeyType.deleteFamily,
  family,
  qualifier: NOTHING,
  timestamp,
  value: NOTHING,
})

export const storedRow = ({ row, cells }: Result): StoredRow => ({
  row,
  cells: cells.map(({ family, qualifier, timestamp, value }) => ({
    family,
    qualifier,
    version: timestamp,
    value,
  })),
})
