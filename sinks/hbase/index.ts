import { z } from 'zod'
import { DEFAULT_MAX_CELL_BYTES } from '../limits.ts'
import type { Store } from '../sink.ts'
import { translating } from './failures.ts'
import * as protection from './protection.ts'
import { HBaseSink } from './sink.ts'

const CALL_TIMEOUT_MS = 20_000

const options = z
  .strictObject({
    store: z.literal('hbase').exactOptional().describe('The kind of store'),
    endpoints: z
      .array(z.string().regex(/^.+:\d+$/, 'must be host:port'))
      .min(1)
      .exactOptional()
      .describe(
        'host:port of masters (16000), or of region servers (16020) from HBase 2.5 on; the rest of the cluster is asked of them',
      ),
    zookeeper: z
      .strictObject({
        quorum: z
          .string()
          .min(1)
          .describe('host:port of the members, with commas between; 2181 without a port'),
        znode: z
          .string()
          .regex(/^(\/[^/\s]+)+$/, 'must be a path like /hbase')
          .exactOptional()
          .describe("The cluster's own node: zookeeper.znode.parent; /hbase when left out"),
      })
      .exactOptional()
      .describe('In place of endpoints, for clusters that publish only their ZooKeeper'),
    user: z
      .string()
      .min(1)
      .exactOptional()
      .describe('The user HBase sees; that of the operating system when left out'),
    hosts: z
      .record(z.string(), z.string().min(1))
      .exactOptional()
      .describe(
        'Where to connect (host or host:port) in place of what the cluster publishes (the same)',
      ),
    tls: z
      .union([z.boolean(), protection.tls])
      .exactOptional()
      .describe('Encrypt the connections (HBase 2.6): true, or the certificates to use'),
    kerberos: protection.kerberos
      .exactOptional()
      .describe('Authenticate by Kerberos, with the ticket or keytab of the operating system'),
    compression: z
      .enum(['gzip'])
      .exactOptional()
      .describe(
        'Compress cells on the way: for slow networks, at more CPU here and on the servers',
      ),
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
  .refine(
    ({ endpoints, zookeeper }) => (endpoints === undefined) !== (zookeeper === undefined),
    // The sentence begins with the path.
    { path: ['endpoints'], message: 'or zookeeper must be given, not both' },
  )
  .meta({
    description: 'An HBase cluster, 2.4 to 3.0',
    oneOf: [{ required: ['endpoints'] }, { required: ['zookeeper'] }],
  })

type HBaseOptions = z.output<typeof options>

export const hbase: Store<HBaseOptions> = {
  name: 'hbase',
  options,

  async open({ endpoints, zookeeper, user, hosts, tls = false, kerberos, ...more }) {
    const { compression, maxCellBytes, timeoutSeconds } = more
    const { HBaseClient } = await import('../../hbase/index.ts')
    const operationTimeoutMs = timeoutSeconds * 1000
    return translating(() => {
      const client = new HBaseClient({
        ...(endpoints === undefined ? {} : { endpoints }),
        ...(zookeeper === undefined ? {} : { zookeeper }),
        ...(user === undefined ? {} : { user }),
        ...(hosts === undefined ? {} : { hosts }),
        ...(tls === false ? {} : { tls: tls === true ? {} : tls }),
        ...(kerberos === undefined ? {} : { kerberos }),
        ...(compression === undefined ? {} : { compression }),
        maxCellBytes,
        operationTimeoutMs,
        callTimeoutMs: Math.min(CALL_TIMEOUT_MS, operationTimeoutMs),
      })
      return Promise.resolve(new HBaseSink(client, maxCellBytes))
    })
  },
}
