import type { PackedResults, Result, StoredCell } from '../../hbase/index.ts'

/** What a scan of objects gives for the same rows. */
export function unpacked(rows: PackedResults): Result[] {
  const results: Result[] = []
  while (rows.nextRow()) {
    const cells: StoredCell[] = []
    while (rows.nextCell()) {
      const { family, qualifier, timestamp, type, value } = rows
      cells.push({ family, qualifier, timestamp, type, value })
    }
    results.push({ row: rows.row, cells })
  }
  return results
}
