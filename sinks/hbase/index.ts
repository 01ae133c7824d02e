import { z } from 'zod'
import { DEFAULT_MAX_CELL_BYTES } from '../limits.ts'
import type { Store } from '../sink.ts'
import { translating } from './failures.ts'
import { HBaseSink } from './sink.ts'

const CALL_TIMEOUT_MS = 20_000

const options = z
  .strictObject({
    store: z.literal('hbase').exactOptional().describe('The kind of store'),
    endpoints: z
      .array(z.string().regex(/^.+:\d+$/, 'must be host:port'))
      .min(1)
      .describe(
        'host:port of masters (16000), or of region servers (16020) from HBase 2.5 on; the rest of the cluster is asked of them',
      ),
    user: z
      .string()
      .min(1)
      .exactOptional()
      .describe('The user HBase sees; that of the operating system when left out'),
    hosts: z
      .record(z.string(), z.string().min(1))
      .exactOptional()
      .describe('Addresses to connect to in place of host names the cluster publishes'),
    maxCellBytes: z
      .int()
      .min(1024)
      .default(DEFAULT_MAX_CELL_BYTES)
      .describe('The largest cell the cluster takes: hbase.server.keyvalue.maxsize'),
    timeoutSeconds: z
      .int()
      .min(1)
      .default(120)
      .describe('How long an operation may take, with all its retries'),
  })
  .describe('An HBase cluster, 2.4 to 3.0')

type HBaseOptions = z.output<typeof options>

export const hbase: Store<HBaseOptions> = {
  name: 'hbase',
  options,

  async open({ endpoints, user, hosts, maxCellBytes, timeoutSeconds }) {
    const { HBaseClient } = await import('../../hbase/index.ts')
    const operationTimeoutMs = timeoutSeconds * 1000
    return translating(() => {
      const client = new HBaseClient({
        endpoints,
        ...(user === undefined ? {} : { user }),
        ...(hosts === undefined ? {} : { hosts }),
        maxCellBytes,
        operationTimeoutMs,
        callTimeoutMs: Math.min(CALL_TIMEOUT_MS, operationTimeoutMs),
      })
      return Promise.resolve(new HBaseSink(client, maxCellBytes))
    })
  },
}
