import { keyOfRow } from '../model/key.ts'
import type { RowPage } from '../model/page.ts'
import type { KeyText } from '../model/value.ts'
import type { Route } from './route.ts'

/** Some rows of the source, in the order of their keys. */
export interface SourcePage {
  /** How many. */
  readonly length: number
  /** Made when they are asked for. */
  readonly keys: readonly KeyText[]
  readonly last: KeyText
  /** Null when only the keys were read. */
  readonly rows: RowPage | null
}

interface Bounds {
  readonly from: KeyText | null
  readonly upTo: KeyText | null
  readonly signal: AbortSignal
}

/** The rows of a range, or their keys alone. */
export async function* sourcePages(
  { source, table }: Pick<Route, 'source' | 'table'>,
  keysOnly = false,
  { from, upTo, signal }: Bounds,
): AsyncIterable<SourcePage> {
  if (keysOnly) {
    for await (const keys of source.rows.keys(table, from, upTo, { signal })) {
      const last = keys.at(-1)
      if (last !== undefined) yield { length: keys.length, keys, last, rows: null }
    }
    return
  }
  const keyOf = keyOfRow(table)
  for await (const rows of source.rows.range(table, from, upTo, { signal })) {
    const last = rows.at(-1)
    if (last === undefined) continue
    yield {
      length: rows.length,
      last: keyOf(last),
      rows,
      get keys() {
        return Array.from(rows, keyOf)
      },
    }
  }
}
