import type { StoredRow } from '../model/mutation.ts'
import { compare, comparePresence, type RowVerdict, type Versions } from '../plan/compare.ts'
import { rowDigest } from '../plan/digest.ts'
import type { Capture } from '../sources/source.ts'
import type { ExpectedRow } from '../transform/transform.ts'
import type { ActivityContext } from './context.ts'
import { hash } from './hash.ts'
import { routeTo, type Route, type TableInput } from './route.ts'

/** A table to be compared. */
export interface ComparedTable extends TableInput {
  /** Version of the loaded cells; left out by earlier releases, then any age will do. */
  readonly version?: number
  /** Look at which rows are there, and not at what is in them. */
  readonly keysOnly?: boolean
}

/** What of two rows is compared. */
export interface Comparison {
  readonly verdict: (
    expected: ExpectedRow | null,
    stored: StoredRow | null,
    versions: Versions,
  ) => RowVerdict
  readonly digest: (row: ExpectedRow | StoredRow) => bigint
  readonly cells: (row: ExpectedRow | StoredRow) => number
}

export const CELLS: Comparison = {
  verdict: compare,
  digest: (row) => rowDigest(row, hash),
  cells: ({ cells }) => cells.length,
}

export const PRESENCE: Comparison = {
  verdict: comparePresence,
  digest: ({ row }) => rowDigest({ row, cells: [] }, hash),
  cells: () => 0,
}

/** Both sides of a table, and what tells whether they may differ for a moment. */
export interface Sides extends Route {
  readonly capture: Pick<Capture, 'pending'>
  readonly comparison: Comparison
  /** Asked after these rows were read: the token that wrote a cell was given out before. */
  readonly versions: (rows: readonly (StoredRow | null)[]) => Promise<Versions>
  /** As `versions`, of rows whose newest cell is of this version. */
  readonly versionsUpTo: (version: number) => Promise<Versions>
}

/** Opens both sides; throws what `routeTo` throws. */
export async function sidesOf(
  context: Pick<ActivityContext, 'source' | 'sink'>,
  input: ComparedTable,
): Promise<Sides> {
  const route = await routeTo(context, input)
  const capture = route.source.capture(input.project)
  return {
    ...route,
    capture,
    comparison: input.keysOnly ? PRESENCE : CELLS,
    ...versionsOf(capture, input.version ?? 0),
  }
}

/** From the load's version to the newest token, which is asked for again only when a row is newer than it was. */
export function versionsOf(
  capture: Pick<Capture, 'lag'>,
  oldest: number,
): Pick<Sides, 'versions' | 'versionsUpTo'> {
  let newest = oldest
  const versionsUpTo = async (version: number): Promise<Versions> => {
    if (version > newest) newest = (await capture.lag()).token
    return { oldest, newest }
  }
  return { versionsUpTo, versions: (rows) => versionsUpTo(newestOf(rows)) }
}

function newestOf(rows: readonly (StoredRow | null)[]): number {
  let newest = 0
  for (const row of rows)
    for (const { version } of row?.cells ?? []) if (version > newest) newest = version
  return newest
}
