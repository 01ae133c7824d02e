import { HBaseError } from './errors.ts'
import { encodeFilter } from './filters.ts'
import type { Filter } from './filters.ts'

/** Some columns of one family. */
export interface Columns {
  readonly family: string
  readonly qualifiers: readonly Uint8Array[]
}

/** What reads return of a row: everything, unless it says less. */
export interface Selection {
  /** Whole families. */
  readonly families?: readonly string[]
  /** Single columns, besides the whole families. */
  readonly columns?: readonly Columns[]
  /** How many versions of a column to return; 1 by default, Infinity for all there are. */
  readonly versions?: number
  /** Only versions with from <= timestamp < to. */
  readonly timeRange?: { readonly from: number; readonly to: number }
  /** What the server leaves out. */
  readonly filter?: Filter
}

const ALL_VERSIONS = 0x7fffffff
const MAX_FAMILY_BYTES = 127

/** Throws READ_INVALID for what a server would read otherwise than it is meant. */
export function checkSelection(
  { families = [], columns = [], versions = 1, timeRange }: Selection,
  table: string,
): void {
  const names = [...families, ...columns.map(({ family }) => family)]
  const fits = (name: string) => name !== '' && Buffer.byteLength(name) <= MAX_FAMILY_BYTES
  demand(names.every(fits), table, 'a family without name, or of more than 127 bytes')
  // Of two mentions HBase would keep one (Get.addFamily forgets the columns).
  demand(new Set(names).size === names.length, table, 'a family named twice')
  demand(
    columns.every(({ qualifiers }) => qualifiers.length > 0),
    table,
    'no columns of a family',
  )
  demand(versions === Infinity || isCount(versions), table, 'versions')
  if (timeRange === undefined) return
  const { from, to } = timeRange
  const whole = Number.isSafeInteger(from) && Number.isSafeInteger(to)
  demand(whole && from >= 0 && from < to, table, 'the time range')
}

/** The fields that Get and Scan share. */
export const encodeSelection = (selection: Selection) => ({
  columns: [
    ...(selection.families ?? []).map((name) => ({ family: Buffer.from(name), qualifiers: [] })),
    ...(selection.columns ?? []).map(({ family, qualifiers }) => ({
      family: Buffer.from(family),
      qualifiers,
    })),
  ],
  maxVersions:
    selection.versions === undefined ? undefined : Math.min(selection.versions, ALL_VERSIONS),
  timeRange: selection.timeRange,
  filter: selection.filter === undefined ? undefined : encodeFilter(selection.filter),
})

/** A whole number from 1 that HBase can count to. */
export const isCount = (value: number): boolean =>
  Number.isInteger(value) && value >= 1 && value <= ALL_VERSIONS

export function demand(holds: boolean, table: string, detail: string): void {
  if (!holds) throw new HBaseError('READ_INVALID', { table, detail })
}
