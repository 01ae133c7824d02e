// The messages of MasterService and AdminService this client uses, from HBase's .proto files
// (package hbase.pb). Fields it never reads or writes are left out.
import {
  ColumnFamilySchema,
  NameStringPair,
  RegionInfo,
  RegionSpecifier,
  ServerName,
  TableName,
  TableSchema,
} from './messages.ts'
import { bool, bytes, float, list, message, nested, string, uint, uint64 } from './message.ts'
import type { ValueOf } from './message.ts'

/** What every procedure answers with. Some messages have an int64 here, which is written alike. */
export const ProcedureStarted = message({ procId: uint64(1) })

// Master.proto: tables. A nonce is two fields, at numbers that differ from message to message.
export const noncesAt = (group: number) => ({ nonceGroup: uint64(group), nonce: uint64(group + 1) })

export const CreateTableRequest = message({
  tableSchema: nested(1, TableSchema),
  splitKeys: list(bytes(2)),
  ...noncesAt(3),
})
/** EnableTable, DisableTable and DeleteTable take the same fields. */
export const TableRequest = message({ tableName: nested(1, TableName), ...noncesAt(2) })
export const TruncateTableRequest = message({
  tableName: nested(1, TableName),
  preserveSplits: bool(2),
  ...noncesAt(3),
})
export const ModifyTableRequest = message({
  tableName: nested(1, TableName),
  tableSchema: nested(2, TableSchema),
  ...noncesAt(3),
})
/** AddColumn and ModifyColumn take the same fields. */
export const FamilyRequest = message({
  tableName: nested(1, TableName),
  family: nested(2, ColumnFamilySchema),
  ...noncesAt(3),
})
export const DeleteFamilyRequest = message({
  tableName: nested(1, TableName),
  name: bytes(2),
  ...noncesAt(3),
})
export const TableNamesRequest = message({ includeSystemTables: bool(2), namespace: string(3) })
export const TableNames = message({ names: list(nested(1, TableName)) })
export const TableDescriptorsRequest = message({ names: list(nested(1, TableName)) })
export const TableDescriptors = message({ schemas: list(nested(1, TableSchema)) })

// Master.proto: regions
export const MoveRegionRequest = message({
  region: nested(1, RegionSpecifier),
  destination: nested(2, ServerName),
})
export const SplitRegionRequest = message({
  regionInfo: nested(1, RegionInfo),
  splitRow: bytes(2),
  ...noncesAt(3),
})
export const MergeRegionsRequest = message({
  regions: list(nested(1, RegionSpecifier)),
  forcible: bool(3),
  ...noncesAt(4),
})
export const SwitchRequest = message({ on: bool(1), synchronous: bool(2) })
export const SwitchResponse = message({ before: bool(1) })

// HBase.proto and Master.proto: namespaces
const NamespaceDescriptor = message({
  name: bytes(1),
  configuration: list(nested(2, NameStringPair)),
})
/** CreateNamespace and ModifyNamespace take the same fields. */
export const NamespaceRequest = message({
  namespace: nested(1, NamespaceDescriptor),
  ...noncesAt(2),
})
export const DeleteNamespaceRequest = message({ name: string(1), ...noncesAt(2) })
export const NamespaceDescriptors = message({ namespaces: list(nested(1, NamespaceDescriptor)) })

// Procedure.proto, ErrorHandling.proto
const GenericException = message({ className: string(1), message: string(2) })
const ForeignException = message({ source: string(1), generic: nested(2, GenericException) })
export const ProcedureRequest = message({ procId: uint64(1) })
export const ProcedureResult = message({ state: uint(1), exception: nested(5, ForeignException) })

// ClusterStatus.proto
const HBaseVersion = message({ version: string(1) })
const RegionLoad = message({
  region: nested(1, RegionSpecifier),
  stores: uint(2),
  storeFiles: uint(3),
  storeFileMegabytes: uint(5),
  memoryMegabytes: uint(6),
  reads: uint(8),
  writes: uint(9),
  locality: float(16),
})
const ServerLoad = message({
  usedHeapMegabytes: uint(3),
  maxHeapMegabytes: uint(4),
  regions: list(nested(5, RegionLoad)),
})
const LiveServer = message({ server: nested(1, ServerName), load: nested(2, ServerLoad) })
const RegionState = message({ region: nested(1, RegionInfo), state: uint(2), since: uint(3) })
const RegionInTransition = message({
  region: nested(1, RegionSpecifier),
  state: nested(2, RegionState),
})
const ClusterStatus = message({
  version: nested(1, HBaseVersion),
  liveServers: list(nested(2, LiveServer)),
  deadServers: list(nested(3, ServerName)),
  inTransition: list(nested(4, RegionInTransition)),
  master: nested(7, ServerName),
  backupMasters: list(nested(8, ServerName)),
  balancerOn: bool(9),
})
/** Without options the master gives everything it has (ClusterMetrics.Option). */
export const ClusterStatusRequest = message({ options: list(uint(1)) })
export const ClusterStatusResponse = message({ status: nested(1, ClusterStatus) })

// Admin.proto
export const RegionRequest = message({ region: nested(1, RegionSpecifier) })
export const CompactRegionRequest = message({
  region: nested(1, RegionSpecifier),
  major: bool(2),
})
export const RegionInfoRequest = message({
  region: nested(1, RegionSpecifier),
  compactionState: bool(2),
})
export const RegionInfoResponse = message({ compactionState: uint(2) })

export type ClusterStatusValue = ValueOf<typeof ClusterStatus>
export type LiveServerValue = ValueOf<typeof LiveServer>
export type NamespaceValue = ValueOf<typeof NamespaceDescriptor>
