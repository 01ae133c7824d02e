export { CHANNELS } from './channels.ts'
export type { CallMessage, ConnectionMessage, RelocationMessage, RetryMessage } from './channels.ts'
export { HBaseClient } from './client.ts'
export type { Failure } from './types.ts'
export type { Admin } from './admin/index.ts'
export type { BulkLoadFile } from './admin/bulk-load-check.ts'
export type { BulkLoadOptions, BulkLoadRegion } from './admin/bulk-load.ts'
export type { ClusterStatus, RegionLoad, ServerStatus } from './admin/cluster.ts'
export type { Namespace } from './admin/namespaces.ts'
export type { Snapshot, SnapshotOptions } from './admin/snapshots.ts'
export type { RegionName, TableRegion } from './admin/region-list.ts'
export type { FamilyOptions, TableDescriptor } from './schema.ts'
export { ERRORS, HBaseError } from './errors.ts'
export type { HBaseErrorCode } from './errors.ts'
export type { ColumnFilter, Comparison, Filter } from './filters.ts'
export type { AppendColumn, CheckedMutation, IncrementColumn } from './row-encoding.ts'
export type { Columns, Selection } from './selection.ts'
export { KeyType } from './types.ts'
export type {
  CallOptions,
  Cell,
  ClientOptions,
  Compression,
  GetOptions,
  KerberosOptions,
  MutateOptions,
  Mutation,
  Result,
  ScanOptions,
  StoredCell,
  WriterOptions,
  TlsOptions,
} from './types.ts'
export type { ZooKeeperOptions } from './zookeeper.ts'
export { PackedColumn } from './packed-column.ts'
export type { PackedResults } from './packed-results.ts'
export type { PackedRows } from './packed-rows.ts'
export type { TableWriter } from './table-writer.ts'
