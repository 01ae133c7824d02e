// The messages of changes to one row that travel on their own, from Client.proto. Their cells are
// fields here: one call has few. Bulk writes are encoded by hand in multi-request.ts.
import { RegionSpecifier, TimeRange } from './messages.ts'
import { bool, bytes, int, list, message, nested, uint, uint64 } from './message.ts'
import { Comparator } from './filter-messages.ts'
import type { ValueOf } from './message.ts'

const QualifierValue = message({
  qualifier: bytes(1),
  value: bytes(2),
  timestamp: uint(3),
  deleteType: uint(4),
})
const ColumnValue = message({ family: bytes(1), values: list(nested(2, QualifierValue)) })
const MutationProto = message({
  row: bytes(1),
  type: uint(2),
  columns: list(nested(3, ColumnValue)),
  nonce: uint64(9),
})
const Condition = message({
  row: bytes(1),
  family: bytes(2),
  qualifier: bytes(3),
  comparison: uint(4),
  comparator: nested(5, Comparator),
  timeRange: nested(6, TimeRange),
})
export const MutateRequest = message({
  region: nested(1, RegionSpecifier),
  mutation: nested(2, MutationProto),
  nonceGroup: uint64(4),
})
const Result = message({ cells: int(2) })
export const MutateResponse = message({ result: nested(1, Result) })

const Action = message({ index: uint(1), mutation: nested(2, MutationProto) })
const RegionAction = message({
  region: nested(1, RegionSpecifier),
  atomic: bool(2),
  actions: list(nested(3, Action)),
  condition: nested(4, Condition),
})
export const ConditionalRequest = message({ regionActions: list(nested(1, RegionAction)) })

export type ColumnValue = ValueOf<typeof ColumnValue>
export type ConditionValue = ValueOf<typeof Condition>
