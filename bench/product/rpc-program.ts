// A loader made of the npm packages one would take: mysql2 and hbase-rpc-client.
//   rpc-program.ts FOLDER ZOOKEEPER SOURCE-HOST SOURCE-PORT USER PASSWORD
import { createConnection } from 'mysql2'
import { measured } from '../hbase/program.ts'
import { loadPeer, result } from '../hbase-rpc-client/index.ts'
import type { OldMutation } from '../hbase-rpc-client/index.ts'
import { serveOrders } from './commands.ts'
import type { Order } from './commands.ts'
import { rowKeyOf } from './row-key.ts'

const BATCH = 1000
const TIME = 1_700_000_000_000

const [folder = '', zookeeper = '', host = '', port = '', user = '', password = ''] =
  process.argv.slice(2)
const hb = loadPeer(folder)
const client = hb({ zookeeperHosts: [zookeeper], tcpNoDelay: true })

await serveOrders({
  load: (order) =>
    measured(async () => {
      await load(order)
      return {}
    }),
})

/** Rows as objects, as mysql2 gives them unless told otherwise; dates as text, which is what is stored. */
async function load({ source, target, family, salt, key, rows }: Order): Promise<void> {
  const login = { host, port: Number(port), user, password }
  const connection = createConnection({ ...login, dateStrings: true })
  const query = connection.query(`SELECT * FROM ${source} ORDER BY ${key} LIMIT ${rows}`)
  let puts: Required<OldMutation>[] = []
  const send = async () => {
    const full = puts
    puts = []
    await result((done) => {
      client.mput(target, full, done)
    })
  }
  for await (const row of query.stream() as AsyncIterable<Readonly<Record<string, unknown>>>) {
    const put = new hb.Put(rowKeyOf(bytesOf(row[key]), salt), TIME)
    for (const [name, value] of Object.entries(row))
      if (value !== null) put.add(family, name, bytesOf(value))
    puts.push(put)
    if (puts.length >= BATCH) await send()
  }
  if (puts.length > 0) await send()
  connection.destroy()
}

function bytesOf(value: unknown): Buffer {
  return Buffer.isBuffer(value) ? value : Buffer.from(String(value))
}
