import { parseAddress } from '../../hbase/address.ts'
import { HEADROOM, requestOf } from '../../hbase/call.ts'
import { RemoteFault } from '../../hbase/faults.ts'
import { Pool } from '../../hbase/pool.ts'
import { ScanRequest, ScanResponse } from '../../hbase/wire/messages.ts'

/** What a server says that once gave a region away (RegionMovedException.getMessage). */
export function movedFault(server: string, seqNum: bigint): RemoteFault {
  const name = 'org.apache.hadoop.hbase.exceptions.RegionMovedException'
  const { host, port } = parseAddress(server)
  const where = `hostname=${host} port=${port} startCode=1700000000000`
  return new RemoteFault(
    name,
    `${name}: Region moved to: ${where}. As of locationSeqNum=${seqNum}.\n\tat ...`,
  )
}

const SCAN = { name: 'Scan', request: ScanRequest, response: ScanResponse }
// Called with its pool as `this` below.
// eslint-disable-next-line @typescript-eslint/unbound-method
const { send } = Pool.prototype

/** Sends what it is given, but lookups in hbase:meta without the end that keeps them in one table. */
export function unbounded(this: Pool, ...args: Parameters<typeof send>): ReturnType<typeof send> {
  const [server, service, request, deadline] = args
  if (request.method !== 'Scan') return send.apply(this, args)
  const question = ScanRequest.decode(request.bytes.subarray(HEADROOM, request.cellsAt))
  const open = { ...question, scan: { ...question.scan, stopRow: undefined } }
  const changed = requestOf(SCAN, open as typeof question, request.priority)
  return send.call(this, server, service, changed, deadline)
}
