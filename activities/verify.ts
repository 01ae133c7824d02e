import { activityInfo } from '@temporalio/activity'
import type { Range } from '../model/range.ts'
import { addCounts, noCounts, type Counts } from '../plan/counts.ts'
import { formatDigest } from '../plan/digests.ts'
import { beating } from './beat.ts'
import { chooser, type ChooseRows } from './choose.ts'
import { compareRows, judge, type Compared } from './compare-rows.ts'
import type { ActivityContext } from './context.ts'
import { keepDifferences } from './differences.ts'
import { findExtras } from './extras.ts'
import { hash } from './hash.ts'
import { sourcePages, type SourcePage } from './pages.ts'
import { pressureOn } from './pressure.ts'
import { CELLS, sidesOf, type Sides } from './sides.ts'

interface VerifyTableInput extends ChooseRows {
  /** Names the list of differences. */
  readonly differences: string
}

export interface VerifyKeys extends VerifyTableInput {
  /** What the comparison from the source's side found in the target. */
  readonly found: { readonly rows: number; readonly keysDigest: string }
}

export interface VerifyRange extends VerifyTableInput {
  readonly range: Range
  readonly rowsPerSecond: number | null
}

interface VerifyProgress {
  readonly at: string | null
  readonly counts: Counts
  readonly rows: number
}

const TABLE_END: VerifyProgress = { at: null, counts: noCounts(), rows: 0 }

export const verifyActivities = (context: ActivityContext) => ({
  /** Compares one range of the source with the target. Rows it counted are not counted again after a crash. */
  async verifyRange(input: VerifyRange): Promise<Counts> {
    const { range, mapping, differences } = input
    const sides = await sidesOf(context, input)
    const { seal, sink } = sides
    const { pause, holdup } = pressureOn(context, input)
    const isChosen = await chooser(sink, input)
    let progress = resumed() ?? { ...TABLE_END, at: range.after }
    const upTo = range.upTo === null ? null : seal.open(range.upTo)
    await beating(
      () => progress,
      async (signal) => {
        const from = progress.at === null ? null : seal.open(progress.at)
        // of a sample too few rows are looked at to read them all
        const keysOnly = input.keysOnly === true || (input.sample?.part ?? 1) < 1
        for await (const page of sourcePages(sides, keysOnly, { from, upTo, signal })) {
          signal.throwIfAborted()
          const { last, keys } = page
          const compared = await comparePage(sides, page, isChosen)
          await keepDifferences(sink, differences, compared.differences)
          progress = moved(progress, seal.close(last), compared.counts, keys.length)
          context.meter.rows('verify', mapping.name, keys.length)
          await pause(keys.length, signal)
        }
      },
      holdup,
    )
    return progress.counts
  },

  /**
   * Finds rows only the target has. On a quiet table the target's keys add up to those the source's side found,
   * and there is none; else the source is asked for each of them.
   */
  async verifyKeys(input: VerifyKeys): Promise<Counts> {
    const { differences } = input
    const sides = await sidesOf(context, input)
    const { seal, sink, transform } = sides
    const isChosen = await chooser(sink, input)
    let progress = resumed() ?? TABLE_END
    await beating(
      () => progress,
      async (signal) => {
        if (progress.at === null) {
          const keys = await sumKeys(sides, isChosen, signal)
          const { rows, keysDigest } = input.found
          if (keys.rows === rows && keys.digest === keysDigest) {
            progress = { at: null, counts: { ...noCounts(), stored: rows }, rows }
            return
          }
        }
        const from = progress.at === null ? null : Buffer.from(seal.open(progress.at), 'hex')
        const options = { from, to: null, keysOnly: true, signal }
        for await (const page of sink.scan(transform.target, options)) {
          const last = page.at(-1)
          if (last === undefined) continue
          signal.throwIfAborted()
          const chosen = page.filter(({ row }) => isChosen(row))
          const found = await findExtras(
            sides,
            chosen.map(({ row }) => row),
          )
          await keepDifferences(sink, differences, found.differences)
          const at = seal.close(Buffer.from(last.row).toString('hex'))
          progress = moved(progress, at, { ...found.counts, stored: chosen.length }, page.length)
        }
      },
    )
    return progress.counts
  },
})

/** The rows of a page that are to be looked at. Where only keys were read, a row that is gone since is nobody's. */
async function comparePage(
  sides: Sides,
  { keys, rows }: SourcePage,
  isChosen: (rowKey: Uint8Array) => boolean,
): Promise<Compared> {
  const { source, table, transform, comparison } = sides
  if (rows !== null)
    return compareRows(
      sides,
      [...rows].filter((_, i) => isChosen(transform.rowKey(keys[i] ?? ''))),
    )
  const chosen = keys.filter((key) => isChosen(transform.rowKey(key)))
  if (comparison === CELLS)
    return compareRows(sides, [...(await source.rows.matching(table, chosen)).values()])
  const { counts, differences } = await judge(sides, chosen)
  return { counts: { ...counts, rows: chosen.length }, differences }
}

const resumed = (): VerifyProgress | undefined =>
  activityInfo().heartbeatDetails as VerifyProgress | undefined

const moved = (
  before: VerifyProgress,
  at: string,
  counts: Counts,
  rows: number,
): VerifyProgress => ({
  at,
  counts: addCounts(before.counts, counts),
  rows: before.rows + rows,
})

/** How many rows the target has, and the sum of the hashes of their keys. */
async function sumKeys(
  { sink, transform }: Sides,
  isChosen: (rowKey: Uint8Array) => boolean,
  signal: AbortSignal,
): Promise<{ rows: number; digest: string }> {
  let rows = 0
  let digest = 0n
  const options = { from: null, to: null, keysOnly: true, signal }
  for await (const page of sink.scan(transform.target, options)) {
    signal.throwIfAborted()
    const chosen = page.filter(({ row }) => isChosen(row))
    rows += chosen.length
    for (const { row } of chosen) digest += hash(row)
  }
  return { rows, digest: formatDigest(digest) }
}
