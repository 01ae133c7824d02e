// longhaul's client under measurement: ours.ts HOST:PORT
import { HBaseClient, KeyType } from '../../hbase/index.ts'
import type { Mutation } from '../../hbase/index.ts'
import { serve } from './program.ts'
import { COLUMNS, FAMILY, KEY_BYTES, putKey, QUALIFIERS, TIME, valueOf } from './rows.ts'

/** Rows per call, and calls at a time: what hbase/README.md advises. */
const BATCH = 2000
const CALLS = 2

const client = new HBaseClient({ endpoints: [process.argv[2] ?? ''] })
const family = Buffer.from(FAMILY)

await serve({
  async write(table, rows) {
    let next = 0
    const work = async () => {
      while (next < rows) {
        const first = next
        next = Math.min(rows, next + BATCH)
        await put(table, batch(first, next))
      }
    }
    await Promise.all(Array.from({ length: CALLS }, work))
  },
  async scan(table) {
    let rows = 0
    let sum = 0
    for await (const page of client.scan(table)) {
      rows += page.length
      for (const { row, cells } of page) {
        const last = row[row.length - 1] ?? 0
        for (const { value } of cells) sum = (sum + last * (value[0] ?? 0)) >>> 0
      }
    }
    return { rows, sum }
  },
  single: (table, row) => put(table, batch(row, row + 1)),
})

async function put(table: string, mutations: readonly Mutation[]): Promise<void> {
  const [failure] = await client.mutate(table, mutations)
  if (failure !== undefined) throw failure.error
}

function batch(first: number, end: number): Mutation[] {
  const keys = Buffer.allocUnsafe((end - first) * KEY_BYTES)
  const mutations: Mutation[] = []
  for (let row = first, at = 0; row < end; row++, at += KEY_BYTES) {
    const cells = []
    for (let column = 0; column < COLUMNS; column++) {
      const qualifier = QUALIFIERS[column] ?? family
      const value = valueOf(row, column)
      cells.push({ type: KeyType.put, family, qualifier, timestamp: TIME, value })
    }
    mutations.push({ row: putKey(keys.subarray(at, at + KEY_BYTES), row), cells })
  }
  return mutations
}
