import type { KeyText } from '../../model/value.ts'
import type { MemoryCluster } from '../../sinks/memory/cluster.ts'
import type { Table } from './database.ts'
import { MAPPING, TABLE } from './table.ts'

/** How the target differs from the source. */
export interface Differences {
  readonly rows: number
  /** Rows the target does not have. */
  readonly lost: readonly string[]
  /** Rows only the target has. */
  readonly extra: readonly string[]
  /** Rows with a cell that is not as it is in the source. */
  readonly stale: readonly string[]
}

const NONE: Differences = { rows: 0, lost: [], extra: [], stale: [] }

/** Compares every cell of all but the excused rows, by the table alone: without the transform and the verifier of the product. */
export function differences(
  { rows }: Table,
  cluster: MemoryCluster,
  excused: ReadonlySet<KeyText>,
): Differences {
  const wanted = new Map<string, string>()
  for (const [key, row] of rows)
    wanted.set(key, TABLE.columns.map(({ name }, i) => cell(name, row[i] ?? null)).join(' '))
  const found = new Map<string, string>()
  const stored = cluster.tables.get(MAPPING.target)?.page({ from: null, to: null }, Infinity) ?? []
  for (const { row, cells } of stored) {
    const values = new Map(cells.map(({ qualifier, value }) => [text(qualifier), value]))
    const line = TABLE.columns.map(({ name }) => cell(name, values.get(name) ?? null)).join(' ')
    found.set(text(row), line)
  }
  for (const key of excused) {
    wanted.delete(key)
    found.delete(key)
  }
  if (equal(wanted, found)) return NONE
  const lost = [...wanted].filter(([key]) => !found.has(key)).map(([, line]) => line)
  const extra = [...found].filter(([key]) => !wanted.has(key)).map(([, line]) => line)
  const stale = [...wanted]
    .filter(([key, line]) => found.has(key) && found.get(key) !== line)
    .map(([key, line]) => `${line}, but ${found.get(key) ?? ''}`)
  return { rows: lost.length + extra.length + stale.length, lost, extra, stale }
}

function equal(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  if (a.size !== b.size) return false
  for (const [key, line] of a) if (b.get(key) !== line) return false
  return true
}

const cell = (name: string, value: Uint8Array | null): string =>
  `${name}=${value === null ? 'null' : text(value)}`

const text = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
