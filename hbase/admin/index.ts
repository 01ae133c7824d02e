import type { AdminParts } from './parts.ts'
import { bulkLoadCalls } from './bulk-load.ts'
import { clusterCalls } from './cluster.ts'
import { namespaceCalls } from './namespaces.ts'
import { regionCalls } from './regions.ts'
import { snapshotCalls } from './snapshots.ts'
import { tableCalls } from './tables.ts'

/**
 * Tables, regions, namespaces and the cluster itself. Every change waits until HBase has finished it
 * and throws what it failed with; requests carry a nonce where HBase takes one, so that a lost
 * answer does not do a change twice (NonceProcedureRunnable).
 */
export const createAdmin = (parts: AdminParts) => ({
  ...tableCalls(parts),
  ...regionCalls(parts),
  ...namespaceCalls(parts),
  ...clusterCalls(parts),
  ...snapshotCalls(parts),
  ...bulkLoadCalls(parts),
})

export type Admin = ReturnType<typeof createAdmin>
