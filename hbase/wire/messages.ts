// The messages this client uses, from HBase's .proto files (package hbase.pb). Fields it never
// reads or writes are left out; names follow HBase's, in camel case.
import { bool, bytes, int, list, message, nested, string, uint, uint64 } from './message.ts'
import { Filter } from './filter-messages.ts'
import type { ValueOf } from './message.ts'

export const Empty = message({})

// RPC.proto
const UserInformation = message({ effectiveUser: string(1) })
const VersionInfo = message({
  version: string(1),
  url: string(2),
  revision: string(3),
  user: string(4),
  date: string(5),
  srcChecksum: string(6),
  versionMajor: uint(7),
  versionMinor: uint(8),
})
export const ConnectionHeader = message({
  userInfo: nested(1, UserInformation),
  serviceName: string(2),
  cellBlockCodecClass: string(3),
  cellBlockCompressorClass: string(4),
  versionInfo: nested(5, VersionInfo),
})
const CellBlockMeta = message({ length: uint(1) })
export const RequestHeader = message({
  callId: uint(1),
  methodName: string(3),
  requestParam: bool(4),
  cellBlockMeta: nested(5, CellBlockMeta),
  priority: uint(6),
  timeout: uint(7),
})
const ExceptionResponse = message({
  exceptionClassName: string(1),
  stackTrace: string(2),
  doNotRetry: bool(5),
  serverOverloaded: bool(6),
})
export const ResponseHeader = message({
  callId: uint(1),
  exception: nested(2, ExceptionResponse),
  cellBlockMeta: nested(3, CellBlockMeta),
})

// HBase.proto
const BytesBytesPair = message({ first: bytes(1), second: bytes(2) })
export const NameStringPair = message({ name: string(1), value: string(2) })
const NameBytesPair = message({ name: string(1), value: bytes(2) })
export const TableName = message({ namespace: bytes(1), qualifier: bytes(2) })
export const ServerName = message({ hostName: string(1), port: uint(2), startCode: uint64(3) })
export const RegionSpecifier = message({ type: uint(1), value: bytes(2) })
export const RegionInfo = message({
  regionId: uint64(1),
  tableName: nested(2, TableName),
  startKey: bytes(3),
  endKey: bytes(4),
  offline: bool(5),
  split: bool(6),
  replicaId: int(7),
})
const RegionLocation = message({
  regionInfo: nested(1, RegionInfo),
  serverName: nested(2, ServerName),
})
export const TimeRange = message({ from: uint(1), to: uint(2) })
export const ColumnFamilySchema = message({
  name: bytes(1),
  attributes: list(nested(2, BytesBytesPair)),
  configuration: list(nested(3, NameStringPair)),
})
export const TableSchema = message({
  tableName: nested(1, TableName),
  attributes: list(nested(2, BytesBytesPair)),
  columnFamilies: list(nested(3, ColumnFamilySchema)),
})
export const TableState = message({ state: uint(1) })

// Registry.proto
export const MetaRegionLocations = message({ locations: list(nested(1, RegionLocation)) })
export const ActiveMaster = message({ serverName: nested(1, ServerName) })
export const BootstrapNodes = message({ nodes: list(nested(1, ServerName)) })

// ZooKeeper.proto: MetaRegionServer and Master both begin with the server.
export const ZooKeeperNode = message({ serverName: nested(1, ServerName) })

// Client.proto
const Column = message({ family: bytes(1), qualifiers: list(bytes(2)) })
export const Get = message({
  row: bytes(1),
  columns: list(nested(2, Column)),
  filter: nested(4, Filter),
  timeRange: nested(5, TimeRange),
  maxVersions: uint(6),
  existenceOnly: bool(10),
})
export const GetRequest = message({ region: nested(1, RegionSpecifier), get: nested(2, Get) })
export const NameBytes = NameBytesPair
const Result = message({ associatedCellCount: int(2) })
export const GetResponse = message({ result: nested(1, Result) })
export const Scan = message({
  columns: list(nested(1, Column)),
  attributes: list(nested(2, NameBytesPair)),
  startRow: bytes(3),
  stopRow: bytes(4),
  filter: nested(5, Filter),
  timeRange: nested(6, TimeRange),
  maxVersions: uint(7),
  cacheBlocks: bool(8),
  batchSize: uint(9),
  maxResultSize: uint(10),
  reversed: bool(15),
  caching: uint(17),
  includeStartRow: bool(21),
  includeStopRow: bool(22),
})
export const ScanRequest = message({
  region: nested(1, RegionSpecifier),
  scan: nested(2, Scan),
  scannerId: uint64(3),
  numberOfRows: uint(4),
  closeScanner: bool(5),
  nextCallSeq: uint(6),
  clientHandlesPartials: bool(7),
  clientHandlesHeartbeats: bool(8),
  renew: bool(10),
  limitOfRows: uint(11),
})
export const ScanResponse = message({
  cellsPerResult: list(uint(1)),
  scannerId: uint64(2),
  moreResults: bool(3),
  ttl: uint(4),
  partialFlags: list(bool(7)),
  moreResultsInRegion: bool(8),
  heartbeat: bool(9),
})

export type ServerNameValue = ValueOf<typeof ServerName>
export type RegionInfoValue = ValueOf<typeof RegionInfo>
export type TableSchemaValue = ValueOf<typeof TableSchema>
export type ScanValue = ValueOf<typeof Scan>
export type ScanResponseValue = ValueOf<typeof ScanResponse>
