import { KeyType } from '../../hbase/index.ts'
import type { Cell, Mutation } from '../../hbase/index.ts'
import { asBytes, hash } from './random.ts'

/**
 * What the suite writes. Everything about a mutation follows from table, row and version, so that the
 * ledger has to remember numbers only, and every value names the place it belongs to.
 *
 *   first     plain values of a row that was never written
 *   replace   DeleteFamily below, new values above: the row as a whole
 *   delete    DeleteFamily
 *   note      one more column beside whatever the row holds
 *   unnote    DeleteColumn of that column
 */
export type Kind = 'first' | 'replace' | 'delete' | 'note' | 'unnote'

const KINDS: readonly Kind[] = [
  ...(['replace', 'replace', 'replace', 'replace', 'replace'] as const),
  ...(['delete', 'delete', 'note', 'note', 'unnote'] as const),
]

const FAMILY = asBytes('d')
const NOTE = 'n'
const MOST_COLUMNS = 4

/** One of the tables the suite writes to, and when its versions begin. */
export interface Place {
  readonly table: string
  readonly rows: number
  /** Version v has the timestamp epoch + 2v; the markers of a replacement stand between. */
  readonly epoch: number
}

/** A value as it must be found: column, timestamp, text. */
export interface Value {
  readonly column: string
  readonly timestamp: number
  readonly text: string
}

/** Two hexadecimal digits spread neighbours over all regions. */
export function rowKey(row: number): string {
  return (keys[row] ??=
    `${(hash(row) & 0xff).toString(16).padStart(2, '0')}-${String(row).padStart(7, '0')}`)
}

// Every scan asks for all of them.
const keys: string[] = []

/** The number of a row; undefined when no row of the suite has this key. */
export function rowOf(key: string): number | undefined {
  const row = Number(/^[0-9a-f]{2}-(\d{7})$/.exec(key)?.[1])
  return Number.isInteger(row) && rowKey(row) === key ? row : undefined
}

export const kindOf = (row: number, version: number): Kind =>
  version === 1 ? 'first' : (KINDS[hash(row, version) % KINDS.length] as Kind)

/** Does it decide about the whole row? Notes only stand beside. */
export const isWhole = (kind: Kind): boolean => kind !== 'note' && kind !== 'unnote'

/** Markers need an atomic write. */
export const hasMarkers = (kind: Kind): boolean => kind !== 'first' && kind !== 'note'

/** What a whole version, or a note, makes visible. */
export function valuesOf(place: Place, row: number, version: number): readonly Value[] {
  const kind = kindOf(row, version)
  if (kind === 'delete' || kind === 'unnote') return []
  const columns =
    kind === 'note'
      ? [NOTE]
      : Array.from({ length: 1 + (hash(row, version, 7) % MOST_COLUMNS) }, (_, i) => `c${i}`)
  return columns.map((column) => ({
    column,
    timestamp: place.epoch + 2 * version,
    text: textOf(place, row, { version, column }),
  }))
}

export function mutationOf(place: Place, row: number, version: number): Mutation {
  const timestamp = place.epoch + 2 * version
  const kind = kindOf(row, version)
  const cells: Cell[] = valuesOf(place, row, version).map(({ column, text }) => ({
    type: KeyType.put,
    family: FAMILY,
    qualifier: asBytes(column),
    timestamp,
    value: asBytes(text),
  }))
  if (kind === 'replace') cells.unshift(marker(KeyType.deleteFamily, timestamp - 1))
  if (kind === 'delete') cells.push(marker(KeyType.deleteFamily, timestamp))
  if (kind === 'unnote') cells.push(marker(KeyType.deleteColumn, timestamp, NOTE))
  return { row: asBytes(rowKey(row)), cells }
}

/** The place a value was written for: whatever stands elsewhere went astray. */
export const placeOf = (table: string, row: number): string => `${table}|${rowKey(row)}|`

/** The version a value belongs to; NaN when it is none of the suite's. */
export const versionOf = (text: string): number => Number(text.split('|')[2] ?? NaN)

function textOf(
  { table }: Place,
  row: number,
  { version, column }: { readonly version: number; readonly column: string },
): string {
  const padding = 'x'.repeat(hash(row, version, 3) % 60)
  return `${placeOf(table, row)}${version}|${column}|${padding}`
}

const marker = (type: number, timestamp: number, column = ''): Cell => ({
  type,
  family: FAMILY,
  qualifier: asBytes(column),
  timestamp,
  value: asBytes(''),
})

export const isNote = ({ column }: Value): boolean => column === NOTE
