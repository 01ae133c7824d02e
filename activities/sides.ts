import type { StoredRow } from '../model/mutation.ts'
import type { Versions } from '../plan/compare.ts'
import type { Capture } from '../sources/source.ts'
import type { ActivityContext } from './context.ts'
import { routeTo, type Route, type TableInput } from './route.ts'

/** A table to be compared. */
export interface ComparedTable extends TableInput {
  /** Version of the loaded cells; left out by earlier releases, then any age will do. */
  readonly version?: number
}

/** Both sides of a table, and what tells whether they may differ for a moment. */
export interface Sides extends Route {
  readonly capture: Pick<Capture, 'pending'>
  /** Asked after these rows were read: the token that wrote a cell was given out before. */
  readonly versions: (rows: readonly (StoredRow | null)[]) => Promise<Versions>
}

/** Opens both sides; throws what `routeTo` throws. */
export async function sidesOf(
  context: Pick<ActivityContext, 'source' | 'sink'>,
  input: ComparedTable,
): Promise<Sides> {
  const route = await routeTo(context, input)
  const capture = route.source.capture(input.project)
  return { ...route, capture, versions: versionsOf(capture, input.version ?? 0) }
}

/** From the load's version to the newest token, which is asked for again only when a row is newer than it was. */
export function versionsOf(capture: Pick<Capture, 'lag'>, oldest: number): Sides['versions'] {
  let newest = oldest
  return async (rows) => {
    if (newestOf(rows) > newest) newest = (await capture.lag()).token
    return { oldest, newest }
  }
}

function newestOf(rows: readonly (StoredRow | null)[]): number {
  let newest = 0
  for (const row of rows)
    for (const { version } of row?.cells ?? []) if (version > newest) newest = version
  return newest
}
