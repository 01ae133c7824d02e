import type { RowKey } from '../model/mutation.ts'
import type { KeyText } from '../model/value.ts'
import { noCounts } from '../plan/counts.ts'
import type { Compared, Difference } from './compare-rows.ts'
import type { Sides } from './sides.ts'

/** Which of these rows of the target the source does not seem to have: whatever it has was judged from its side. */
export async function seekExtras(
  { source, table, transform }: Sides,
  rows: readonly RowKey[],
): Promise<{ doubtful: readonly KeyText[]; foreign: readonly Difference[] }> {
  const keys = rows.map((row) => transform.keyOf(row))
  const known = keys.filter((key) => key !== null)
  const existing = await source.rows.existing(table, known)
  return {
    doubtful: known.filter((key) => !existing.has(key)),
    foreign: rows
      .filter((_, i) => keys[i] === null)
      .map((row): Difference => ({ key: null, verdict: 'extra', columns: [], row })),
  }
}

/** Of what was judged, the rows that only the target has. */
export function onlyExtras({ differences }: Compared): Compared {
  const extras = differences.filter(({ verdict }) => verdict === 'extra')
  return { counts: { ...noCounts(), extra: extras.length }, differences: extras }
}
