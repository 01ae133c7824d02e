// The cannon: cannon-program.ts HOST:PORT SOURCE-HOST SOURCE-PORT USER PASSWORD
// It packs the rows of a table with longhaul's client into the bytes they take on the wire ("pack"), and then does
// nothing but send them ("fire"): no reading, no encoding, no Temporal. More than it reaches puts cannot reach here.
import { createConnection } from 'mysql2'
import { HBaseClient, PackedColumn } from '../../hbase/index.ts'
import type { PackedRows } from '../../hbase/index.ts'
import { measured } from '../hbase/program.ts'
import { serveOrders } from './commands.ts'
import type { Order } from './commands.ts'
import { rowKeyOf } from './row-key.ts'

/** Rows of a shot, and shots at a time, as hbase/README.md advises. */
const SHOT_ROWS = 2000
const SHOT_BYTES = 4 << 20
const SHOTS = 2
const TIME = 1_700_000_000_000

const [address = '', host = '', port = '', user = '', password = ''] = process.argv.slice(2)
const client = new HBaseClient({ endpoints: [address] })
let shots: readonly PackedRows[] = []

await serveOrders({
  async pack(order) {
    // Finds every region, so that rows are packed by those they will go to
    for await (const page of client.scan(order.target)) if (page.length > 0) break
    shots = await pack(order)
    return {}
  },
  fire: ({ target }) =>
    measured(async () => {
      const left = [...shots]
      const fire = async () => {
        for (let shot = left.shift(); shot !== undefined; shot = left.shift()) {
          const [failure] = await client.mutate(target, shot)
          if (failure !== undefined) throw failure.error
        }
      }
      await Promise.all(Array.from({ length: SHOTS }, fire))
      return {}
    }),
})

async function pack({ source, target, family, salt, key }: Order): Promise<PackedRows[]> {
  const connection = createConnection({ host, port: Number(port), user, password })
  const sql = `SELECT * FROM ${source} ORDER BY ${key}`
  const query = connection.query({ sql, rowsAsArray: true, typeCast: false })
  let names: string[] = []
  query.on('fields', (fields: readonly { readonly name: string }[]) => {
    names = fields.map(({ name }) => name)
  })
  const packed: PackedRows[] = []
  let columns: PackedColumn[] = []
  for await (const row of query.stream() as AsyncIterable<readonly (Buffer | null)[]>) {
    if (columns.length === 0)
      columns = names.map((name) => new PackedColumn(Buffer.from(family), Buffer.from(name)))
    let shot = packed.at(-1)
    if (shot === undefined || shot.length >= SHOT_ROWS || shot.bytes >= SHOT_BYTES)
      packed.push((shot = client.packedRows(target)))
    shot.row(rowKeyOf(row[names.indexOf(key)] ?? Buffer.alloc(0), salt), TIME)
    for (const [i, column] of columns.entries()) {
      const value = row[i]
      if (value instanceof Buffer) shot.put(column, value)
    }
  }
  connection.destroy()
  return packed
}
