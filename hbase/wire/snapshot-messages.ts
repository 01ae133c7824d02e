// The messages of MasterService about snapshots, from HBase's Snapshot.proto and Master.proto
// (package hbase.pb). Fields this client never reads or writes are left out.
import { bool, int, list, message, nested, string, uint, uint64 } from './message.ts'
import type { ValueOf } from './message.ts'
import { noncesAt } from './admin-messages.ts'

const SnapshotDescription = message({
  name: string(1),
  table: string(2),
  creationTime: int(3),
  type: uint(4),
  owner: string(6),
  ttl: int(8),
})
/** Snapshot and RestoreSnapshot; DeleteSnapshot and IsSnapshotDone have the first field alone. */
export const SnapshotRequest = message({
  snapshot: nested(1, SnapshotDescription),
  ...noncesAt(2),
})
/** Without a procedure where the servers take snapshots by themselves (before 2.6). */
export const SnapshotStarted = message({ procId: uint64(2) })
export const SnapshotDone = message({ done: bool(1) })
export const Snapshots = message({ snapshots: list(nested(1, SnapshotDescription)) })

export type SnapshotValue = ValueOf<typeof SnapshotDescription>
