// The messages inside filters and conditions, from Filter.proto and Comparator.proto.
import { bool, bytes, list, message, nested, string, uint } from './message.ts'
import type { ValueOf } from './message.ts'

export const Filter = message({ name: string(1), serializedFilter: bytes(2) })
export const FilterList = message({ operator: uint(1), filters: list(nested(2, Filter)) })
export const KeyOnlyFilter = message({ lenAsVal: bool(1) })
export const PrefixFilter = message({ prefix: bytes(1) })
export const PageFilter = message({ pageSize: uint(1) })

const ByteArrayComparable = message({ value: bytes(1) })
/** BinaryComparator; each comparator has a message of its own. */
export const BinaryComparator = message({ comparable: nested(1, ByteArrayComparable) })
/** Names the class and carries its message. */
export const Comparator = message({ name: string(1), serialized: bytes(2) })
export const SingleColumnValueFilter = message({
  family: bytes(1),
  qualifier: bytes(2),
  comparison: uint(3),
  comparator: nested(4, Comparator),
  filterIfMissing: bool(5),
  latestVersionOnly: bool(6),
})

export type FilterValue = ValueOf<typeof Filter>
export type ComparatorValue = ValueOf<typeof Comparator>
