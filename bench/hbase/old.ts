// hbase-rpc-client under measurement: old.ts FOLDER ZOOKEEPER. It can only write here: its scans of
// more than 300 rows end early.
import { loadPeer, result } from '../hbase-rpc-client/index.ts'
import type { OldMutation } from '../hbase-rpc-client/index.ts'
import { serve } from './program.ts'
import { COLUMNS, FAMILY, KEY_BYTES, putKey, QUALIFIERS, TIME, valueOf } from './rows.ts'

const BATCH = 1000

const [folder = '', zookeeper = ''] = process.argv.slice(2)
const hb = loadPeer(folder)
const client = hb({ zookeeperHosts: [zookeeper], tcpNoDelay: true })

await serve({
  async write(table, rows) {
    for (let first = 0; first < rows; first += BATCH) {
      const puts: Required<OldMutation>[] = []
      for (let row = first; row < Math.min(rows, first + BATCH); row++) puts.push(putOf(row))
      await result((done) => {
        client.mput(table, puts, done)
      })
    }
  },
})

function putOf(row: number) {
  const put = new hb.Put(putKey(Buffer.allocUnsafe(KEY_BYTES), row), TIME)
  for (let column = 0; column < COLUMNS; column++)
    put.add(FAMILY, QUALIFIERS[column] ?? '', valueOf(row, column))
  return put
}
