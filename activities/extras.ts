import type { RowKey } from '../model/mutation.ts'
import { noCounts } from '../plan/counts.ts'
import { judge, type Compared, type Difference } from './compare-rows.ts'
import type { Sides } from './sides.ts'

/** Which of these rows of the target the source does not have: whatever it has was judged from its side. */
export async function findExtras(sides: Sides, rows: readonly RowKey[]): Promise<Compared> {
  const { source, table, transform } = sides
  const keys = rows.map((row) => transform.keyOf(row))
  const known = keys.filter((key) => key !== null)
  const existing = await source.rows.existing(table, known)
  const { differences } = await judge(
    sides,
    known.filter((key) => !existing.has(key)),
  )
  const extras = differences.filter(({ verdict }) => verdict === 'extra')
  const foreign = rows
    .filter((_, i) => keys[i] === null)
    .map((row): Difference => ({ key: null, verdict: 'extra', columns: [], row }))
  return {
    counts: { ...noCounts(), extra: extras.length + foreign.length },
    differences: [...extras, ...foreign],
  }
}
