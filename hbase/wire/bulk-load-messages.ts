// The messages of ClientService for bulk loads, from HBase's Client.proto (package hbase.pb). Fields
// this client never reads or writes are left out.
import { RegionSpecifier, TableName } from './messages.ts'
import { bool, bytes, list, message, nested, string } from './message.ts'

const FamilyPath = message({ family: bytes(1), path: string(2) })
export const BulkLoadRequest = message({
  region: nested(1, RegionSpecifier),
  files: list(nested(2, FamilyPath)),
  assignSeqNum: bool(3),
  token: string(5),
  copyFiles: bool(6),
})
export const BulkLoadResponse = message({ loaded: bool(1) })
export const PrepareBulkLoadRequest = message({
  tableName: nested(1, TableName),
  region: nested(2, RegionSpecifier),
})
export const PrepareBulkLoadResponse = message({ token: string(1) })
export const CleanupBulkLoadRequest = message({
  token: string(1),
  region: nested(2, RegionSpecifier),
})
