// longhaul's client under measurement: ours.ts HOST:PORT
import { HBaseClient, PackedColumn } from '../../hbase/index.ts'
import type { PackedRows } from '../../hbase/index.ts'
import { serve } from './program.ts'
import { FAMILY, KEY_BYTES, putKey, QUALIFIERS, TIME, valueOf } from './rows.ts'

/** Rows per call, and calls at a time, as hbase/README.md advises. */
const BATCH = 2000
const CALLS = 2

const client = new HBaseClient({ endpoints: [process.argv[2] ?? ''] })
const family = Buffer.from(FAMILY)
const columns = QUALIFIERS.map((qualifier) => new PackedColumn(family, qualifier))
let one: PackedRows | undefined
const key = Buffer.alloc(KEY_BYTES)

await serve({
  async write(table, rows) {
    let next = 0
    const work = async () => {
      const packed = client.packedRows(table)
      while (next < rows) {
        const first = next
        next = Math.min(rows, next + BATCH)
        await put(table, packed, first, next)
      }
    }
    await Promise.all(Array.from({ length: CALLS }, work))
  },
  async scan(table) {
    let rows = 0
    let sum = 0
    for await (const page of client.scanPacked(table)) {
      rows += page.length
      while (page.nextRow()) {
        const last = page.bytes[page.rowEnd - 1] ?? 0
        while (page.nextCell()) sum = (sum + last * (page.bytes[page.valueStart] ?? 0)) >>> 0
      }
    }
    return { rows, sum }
  },
  single: (table, row) => put(table, (one ??= client.packedRows(table)), row, row + 1),
})

async function put(table: string, rows: PackedRows, first: number, end: number): Promise<void> {
  rows.clear()
  for (let row = first; row < end; row++) {
    rows.row(putKey(key, row), TIME)
    for (const [no, column] of columns.entries()) rows.put(column, valueOf(row, no))
  }
  const [failure] = await client.mutate(table, rows)
  if (failure !== undefined) throw failure.error
}
