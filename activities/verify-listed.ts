import type { RowKey } from '../model/mutation.ts'
import { addCounts, noCounts, type Counts } from '../plan/counts.ts'
import { alive, beating } from './beat.ts'
import { judge, type Difference } from './compare-rows.ts'
import type { ActivityContext } from './context.ts'
import { keepDifferences, readDifferences, type Listed } from './differences.ts'
import { sidesOf, type ComparedTable, type Sides } from './sides.ts'

export interface VerifyListed extends ComparedTable {
  /** Names the list of what differed. */
  readonly listed: string
  /** Names the list of what still does. */
  readonly differences: string
}

export const verifyListedActivities = (context: ActivityContext) => ({
  /** Compares the listed rows again, and no others. Of what it counts, `rows` are those the source still has. */
  async verifyListed(input: VerifyListed): Promise<Counts> {
    const sides = await alive(() => sidesOf(context, input))
    let counts = noCounts()
    let looked = 0
    await beating(
      () => ({ rows: looked }),
      async (signal) => {
        for await (const page of readDifferences(sides.sink, input.listed)) {
          signal.throwIfAborted()
          const found = await lookAgain(sides, page)
          await keepDifferences(sides.sink, input.differences, found.differences)
          counts = addCounts(counts, found.counts)
          looked += page.length
        }
      },
    )
    return counts
  },
})

async function lookAgain(
  sides: Sides,
  page: readonly Listed[],
): Promise<{ counts: Counts; differences: readonly Difference[] }> {
  const judged = await judge(
    sides,
    page.flatMap(({ key }) => key ?? []),
  )
  const foreign = await stillThere(
    sides,
    page.filter(({ key }) => key === null),
  )
  const { missing, different, unstable } = judged.counts
  const matched = judged.counts.matched - (judged.gone ?? 0)
  return {
    counts: {
      ...judged.counts,
      rows: matched + missing + different + unstable,
      matched,
      extra: judged.counts.extra + foreign.length,
    },
    differences: [...judged.differences, ...foreign],
  }
}

/** Rows of strangers that nobody took away. One that cannot be looked for counts as there. */
async function stillThere(
  { sink, transform }: Sides,
  foreign: readonly Listed[],
): Promise<readonly Difference[]> {
  const rows = foreign.flatMap(({ row }): readonly RowKey[] => (row === undefined ? [] : [row]))
  if (rows.length === 0) return foreign
  const stored = await sink.read(transform.target, rows)
  const gone = new Set(rows.filter((_, i) => stored[i] === null))
  return foreign.filter(({ row }) => row === undefined || !gone.has(row))
}
