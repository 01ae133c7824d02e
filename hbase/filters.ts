// Filters a server applies while it reads, as plain values. Names and fields: Filter.proto and
// Comparator.proto; what each does: the class of its name in org.apache.hadoop.hbase.filter.
import {
  BinaryComparator,
  FilterList,
  KeyOnlyFilter,
  PageFilter,
  PrefixFilter,
  SingleColumnValueFilter,
} from './wire/filter-messages.ts'
import type { ComparatorValue, FilterValue } from './wire/filter-messages.ts'

/** What must be true of the stored value on the left and the given one on the right. */
export type Comparison = '<' | '<=' | '=' | '!=' | '>=' | '>'

export type Filter =
  /** Cells without their values. */
  | { readonly kind: 'keyOnly' }
  /** The first cell of each row. */
  | { readonly kind: 'firstKeyOnly' }
  /** Rows that begin with these bytes. A scan should also start there: rows before are read in vain. */
  | { readonly kind: 'prefix'; readonly prefix: Uint8Array }
  /** At most so many rows of each region; after a fault inside a region it may be more. */
  | { readonly kind: 'page'; readonly rows: number }
  | { readonly kind: 'and'; readonly filters: readonly Filter[] }
  | { readonly kind: 'or'; readonly filters: readonly Filter[] }
  | ColumnFilter

/** Rows whose value in one column compares as said. The column must be among those selected. */
export interface ColumnFilter {
  readonly kind: 'column'
  readonly family: string
  readonly qualifier: Uint8Array
  readonly is: Comparison
  readonly value: Uint8Array
  /** Leave out rows without the column; they are kept by default. */
  readonly dropMissing?: boolean
  /** Also look at versions below the newest. */
  readonly anyVersion?: boolean
}

/** Where a comparison stands in CompareType (HBase.proto). */
export const COMPARISONS: readonly Comparison[] = ['<', '<=', '=', '!=', '>=', '>']

const PACKAGE = 'org.apache.hadoop.hbase.filter'
const MUST_PASS_ALL = 1
const MUST_PASS_ONE = 2
const NOTHING = Buffer.alloc(0)

const named = (name: string, serializedFilter: Uint8Array): FilterValue => ({
  name: `${PACKAGE}.${name}`,
  serializedFilter,
})

/** Compares bytes as unsigned, the shorter one first (BinaryComparator). */
export const binaryComparator = (value: Uint8Array): ComparatorValue => ({
  name: `${PACKAGE}.BinaryComparator`,
  serialized: BinaryComparator.encode({ comparable: { value } }),
})

/** Is equal to no value at all (NullComparator). */
export const nullComparator: ComparatorValue = {
  name: `${PACKAGE}.NullComparator`,
  serialized: NOTHING,
}

export function encodeFilter(filter: Filter): FilterValue {
  switch (filter.kind) {
    case 'keyOnly':
      return named('KeyOnlyFilter', KeyOnlyFilter.encode({ lenAsVal: false }))
    case 'firstKeyOnly':
      return named('FirstKeyOnlyFilter', NOTHING)
    case 'prefix':
      return named('PrefixFilter', PrefixFilter.encode({ prefix: filter.prefix }))
    case 'page':
      return named('PageFilter', PageFilter.encode({ pageSize: filter.rows }))
    case 'and':
    case 'or': {
      const operator = filter.kind === 'and' ? MUST_PASS_ALL : MUST_PASS_ONE
      const filters = filter.filters.map(encodeFilter)
      return named('FilterList', FilterList.encode({ operator, filters }))
    }
    case 'column':
      return named('SingleColumnValueFilter', encodeColumn(filter))
  }
}

const encodeColumn = (filter: ColumnFilter): Buffer =>
  SingleColumnValueFilter.encode({
    family: Buffer.from(filter.family),
    qualifier: filter.qualifier,
    comparison: COMPARISONS.indexOf(filter.is),
    comparator: binaryComparator(filter.value),
    filterIfMissing: filter.dropMissing ?? false,
    latestVersionOnly: filter.anyVersion !== true,
  })

/** Is there one of these kinds in it, at any depth? */
export const contains = (filter: Filter, kinds: readonly Filter['kind'][]): boolean =>
  kinds.includes(filter.kind) ||
  ('filters' in filter && filter.filters.some((part) => contains(part, kinds)))

/** Filters that can tell a server to go no further (Filter.filterAllRemaining). */
export const canEnd = (filter: Filter | undefined): boolean =>
  filter !== undefined && contains(filter, ['prefix', 'page'])

/** Filters that look at a whole row before they decide (Filter.hasFilterRow). */
export const needsWholeRow = (filter: Filter): boolean => contains(filter, ['page', 'column'])
