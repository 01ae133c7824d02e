import type { DeadLetter } from '../model/change.ts'
import type { RowPage } from '../model/page.ts'
import type { KeyText, Row } from '../model/value.ts'
import type { ActivityContext } from './context.ts'
import type { Route } from './route.ts'
import type { Stations } from './stations.ts'

export interface CopyRows {
  readonly route: Route
  readonly bury: (dead: readonly DeadLetter[]) => Promise<void>
  readonly after: KeyText | null
  readonly upTo: KeyText | null
  /** Version of every cell. */
  readonly version: number
  /** Waits until these rows may be followed by more. */
  readonly pause: (rows: number, signal: AbortSignal) => Promise<void>
  readonly stations: Stations
  readonly signal: AbortSignal
  readonly reached: ActivityContext['reached']
  /** Called when all rows up to this key are written. */
  readonly written: (key: KeyText, rows: number, dead: number) => void
}

/** Pages being written while the next is read. */
const IN_FLIGHT = 2

/** Copies rows with after < key <= upTo. Repeating it rewrites the same cells with the same version. */
export async function copyRows(input: CopyRows): Promise<void> {
  const { route, signal, reached, written, pause, stations } = input
  const pages: { readonly done: Promise<number>; readonly last: KeyText; readonly rows: number }[] =
    []

  const settleOldest = async (): Promise<void> => {
    stations.at('hbase')
    const page = pages.shift()
    if (page !== undefined) written(page.last, page.rows, await page.done)
  }

  stations.at('source')
  try {
    for await (const rows of route.source.rows.range(route.table, input.after, input.upTo, {
      signal,
    })) {
      const last = rows.at(-1)
      if (last === undefined) continue
      signal.throwIfAborted()
      stations.at('worker')
      await reached('load-read')
      const done = writePage(input, rows)
      done.catch(() => undefined) // seen when it is this page's turn
      pages.push({ done, last: route.transform.key(last), rows: rows.length })
      while (pages.length >= IN_FLIGHT) await settleOldest()
      await pause(rows.length, signal)
      stations.at('source')
    }
    while (pages.length > 0) await settleOldest()
    stations.at('source')
    // What a change of the table has spoilt is never counted as copied: it is loaded again
    await route.unchanged()
  } finally {
    await Promise.allSettled(pages.map(({ done }) => done)) // no write outlives its range
  }
}

/** Returns how many rows became dead letters. */
async function writePage(
  { route, bury, version, signal }: CopyRows,
  rows: RowPage,
): Promise<number> {
  const { sink, table, transform } = route
  const puts = sink.puts(transform.target, transform.columns, version)
  transform.visit(rows, puts)
  const rejected = await puts.write({ signal })
  if (rejected.length === 0) return 0
  await bury(
    rejected.map(({ index, reason }) => ({
      table: table.name,
      key: transform.key(rows.at(index) as Row),
      reason,
    })),
  )
  return rejected.length
}
