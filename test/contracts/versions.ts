import fc from 'fast-check'
import type { RowMutation } from '../../model/mutation.ts'
import { put, remove, replace, update, type Cells } from './rows.ts'

interface NamedMutation extends RowMutation {
  readonly rowName: string
}

/** Mutations of a few rows, at most one per row and version, and an order in which each arrives at least once. */
interface Arrivals {
  readonly mutations: readonly NamedMutation[]
  readonly order: readonly number[]
}

const COLUMNS = ['f:a', 'f:b', 'g:a', 'g:c']
const value = fc.constantFrom('', 'x', 'y', 'z')

/** Versions are few, so that they meet often. */
export const mutation: fc.Arbitrary<NamedMutation> = fc
  .record({
    kind: fc.constantFrom('put', 'replace', 'update', 'remove'),
    rowName: fc.constantFrom('a', 'b'),
    // Tokens are at least 2 apart, so a marker one below its version never meets another's cell
    version: fc.integer({ min: 1, max: 12 }).map((n) => 1_700_000_000_000 + 2 * n),
    cells: fc.dictionary(fc.constantFrom(...COLUMNS), value),
    nulls: fc.subarray(COLUMNS),
  })
  .map(({ kind, rowName, version, cells, nulls }) => {
    const empty: Cells = Object.fromEntries(nulls.map((column) => [column, null]))
    const mutations = {
      put: () => put(rowName, version, cells),
      replace: () => replace(rowName, version, cells),
      update: () => update(rowName, version, { ...cells, ...empty }),
      remove: () => remove(rowName, version),
    }
    return { rowName, ...mutations[kind]() }
  })

export const arrivals: fc.Arbitrary<Arrivals> = fc
  .uniqueArray(mutation, {
    minLength: 1,
    maxLength: 10,
    selector: ({ rowName, version }) => `${rowName}/${version}`,
  })
  .chain((mutations) => {
    const all = mutations.map((_, i) => i)
    const again = fc.array(fc.constantFrom(...all), { maxLength: 6 })
    const order = again.chain((repeats) => {
      const times = [...all, ...repeats]
      return fc.shuffledSubarray(times, { minLength: times.length, maxLength: times.length })
    })
    return order.map((chosen) => ({ mutations, order: chosen }))
  })

/** What HBase's rules say is seen of these mutations, by their definition; the order only decides between equal versions. */
export function visible(mutations: readonly RowMutation[]): Record<string, string> {
  const rows: Record<string, string> = {}
  const names = [...new Set(mutations.map(({ row }) => text(row)))].sort()
  for (const name of names) {
    const own = mutations.filter(({ row }) => text(row) === name)
    const cells = COLUMNS.flatMap((column) => visibleCell(own, column) ?? [])
    if (cells.length > 0) rows[name] = cells.join(' ')
  }
  return rows
}

function visibleCell(mutations: readonly RowMutation[], column: string): string | null {
  const markers: number[] = []
  const puts: { version: number; value: string }[] = []
  for (const { kind, version, cells } of mutations) {
    if (kind === 'replace') markers.push(version - 1)
    if (kind === 'remove') markers.push(version)
    for (const cell of cells) {
      if (`${text(cell.column.family)}:${text(cell.column.qualifier)}` !== column) continue
      if (cell.value === null) markers.push(version)
      else puts.push({ version, value: text(cell.value) })
    }
  }
  const newest = puts
    .filter(({ version }) => markers.every((marker) => version > marker))
    .sort((a, b) => a.version - b.version)
    .at(-1)
  return newest === undefined ? null : `${column}@${newest.version}=${newest.value}`
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
