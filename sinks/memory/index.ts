import { z } from 'zod'
import type { Store } from '../sink.ts'
import { memoryCluster } from './cluster.ts'
import { MemorySink } from './sink.ts'

const options = z
  .strictObject({
    store: z.literal('memory').describe('Rows are kept in the memory of this process'),
    cluster: z
      .string()
      .min(1)
      .default('default')
      .describe('Sinks that name the same cluster see the same tables'),
  })
  .describe('A store in memory, for trying things out and for tests')

type MemoryOptions = z.output<typeof options>

/** A store in memory that behaves like HBase. Gone when the process ends. */
export const memory: Store<MemoryOptions> = {
  name: 'memory',
  options,
  open: ({ cluster }) => Promise.resolve(new MemorySink(memoryCluster(cluster))),
}
