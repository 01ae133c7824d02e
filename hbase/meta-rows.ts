import type { Deadline } from './deadline.ts'
import type { Pool } from './pool.ts'
import { ResultAssembly } from './scan/assembly.ts'
import { RegionScan } from './scan/region-scan.ts'
import type { Result } from './types.ts'
import { metaRegion } from './region.ts'

/** What `server` has in hbase:meta about the regions of a table, in their order; one try. */
export async function metaRows(
  pool: Pool,
  server: string,
  table: string,
  deadline: Deadline,
): Promise<readonly Result[]> {
  // Keys of hbase:meta are compared as (table, start key, id); ' ' is the byte after none.
  const range = {
    columns: [{ family: Buffer.from('info'), qualifiers: [] }],
    attributes: [],
    startRow: Buffer.from(`${table},,`),
    stopRow: Buffer.from(`${table} ,,`),
  }
  const scan = new RegionScan(pool, metaRegion(server), range, { assembly: new ResultAssembly() })
  const rows: Result[] = []
  for (let end = false; !end;) {
    const found = await scan.next(deadline)
    rows.push(...found.pages.flat())
    end = found.end
  }
  return rows
}
