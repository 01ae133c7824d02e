import type { PackedResults, Result, StoredCell } from '../../hbase/index.ts'

/** What a scan of objects gives for the same rows; copies, for the next page may come in the same memory. */
export function unpacked(rows: PackedResults): Result[] {
  const results: Result[] = []
  while (rows.nextRow()) {
    const cells: StoredCell[] = []
    while (rows.nextCell()) {
      const { timestamp, type } = rows
      const [family, qualifier, value] = [rows.family, rows.qualifier, rows.value].map(copy)
      cells.push({ family, qualifier, timestamp, type, value } as StoredCell)
    }
    results.push({ row: copy(rows.row), cells })
  }
  return results
}

const copy = (bytes: Buffer): Buffer => Buffer.from(bytes)
