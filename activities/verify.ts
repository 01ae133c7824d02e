import { activityInfo } from '@temporalio/activity'
import type { Range } from '../model/range.ts'
import type { KeyText } from '../model/value.ts'
import { noCounts, type Counts } from '../plan/counts.ts'
import { formatDigest } from '../plan/digests.ts'
import { alive, beating } from './beat.ts'
import { chooser, type ChooseRows } from './choose.ts'
import { compareRows, type Wanted } from './compare-rows.ts'
import type { ActivityContext } from './context.ts'
import { keepDifferences } from './differences.ts'
import { onlyExtras, seekExtras } from './extras.ts'
import { hash } from './hash.ts'
import { judging, type Looked, type VerifyProgress } from './judging.ts'
import { sourcePages, type SourcePage } from './pages.ts'
import { pressureOn, type Pressure } from './pressure.ts'
import { PRESENCE, sidesOf, type Sides } from './sides.ts'
import type { Stations } from './stations.ts'

interface VerifyTableInput extends ChooseRows {
  /** Names the list of differences. */
  readonly differences: string
}

export interface VerifyKeys extends VerifyTableInput {
  /** What the comparison from the source's side found in the target. */
  readonly found: { readonly rows: number; readonly keysDigest: string }
  /** Left out by earlier releases, which did not slow this down. */
  readonly rowsPerSecond?: number | null
}

export interface VerifyRange extends VerifyTableInput {
  readonly range: Range
  readonly rowsPerSecond: number | null
}

const TABLE_END: VerifyProgress = { at: null, counts: noCounts(), rows: 0 }

export const verifyActivities = (context: ActivityContext) => ({
  /** Compares one range of the source with the target. Rows it counted are not counted again after a crash. */
  async verifyRange(input: VerifyRange): Promise<Counts> {
    const { range, mapping, differences } = input
    const sides = await alive(() => sidesOf(context, input))
    const { seal, sink } = sides
    const pressure = pressureOn(context, input, 'verify')
    const { pause, stations } = pressure
    const isChosen = await alive(() => chooser(sink, input))
    const begun = resumed() ?? { ...TABLE_END, at: range.after }
    const judge = judging(sides, { list: differences, from: begun })
    const upTo = range.upTo === null ? null : seal.open(range.upTo)
    await beating(
      judge.progress,
      async (signal) => {
        const from = begun.at === null ? null : seal.open(begun.at)
        // of a sample too few rows are looked at to read them all
        const keysOnly = input.keysOnly === true || (input.sample?.part ?? 1) < 1
        stations.at('source')
        for await (const page of sourcePages(sides, keysOnly, { from, upTo, signal })) {
          signal.throwIfAborted()
          stations.at('worker')
          const rows = page.length
          const compared = await comparePage(sides, page, { isChosen, stations })
          // to judge is to wait until apply has been there
          stations.at(null)
          await judge.page({ ...compared, at: seal.close(page.last), rows })
          context.meter.rows('verify', mapping.name, rows)
          await pause(rows, signal)
          stations.at('source')
        }
        stations.at(null)
        await judge.end()
      },
      pressure,
    )
    return judge.progress().counts
  },

  /**
   * Finds rows only the target has. On a quiet table the target's keys add up to those the source's side found,
   * and there is none; else the source is asked for each of them.
   */
  async verifyKeys(input: VerifyKeys): Promise<Counts> {
    const { differences } = input
    const sides = await alive(() => sidesOf(context, input))
    const { seal, sink, transform } = sides
    const pressure = pressureOn(context, { rowsPerSecond: null, ...input }, 'verify')
    const { pause, stations } = pressure
    const isChosen = await alive(() => chooser(sink, input))
    const begun = resumed() ?? TABLE_END
    const judge = judging(sides, { list: differences, from: begun, count: onlyExtras })
    const work = async (signal: AbortSignal): Promise<Counts> => {
      stations.at('hbase')
      if (begun.at === null) {
        const keys = await sumKeys(sides, { isChosen, pressure, signal })
        const { rows, keysDigest } = input.found
        if (keys.rows === rows && keys.digest === keysDigest) return { ...noCounts(), stored: rows }
      }
      const from = begun.at === null ? null : Buffer.from(seal.open(begun.at), 'hex')
      const options = { from, to: null, keysOnly: true, signal }
      for await (const page of sink.scan(transform.target, options)) {
        const last = page.at(-1)
        if (last === undefined) continue
        signal.throwIfAborted()
        stations.at('worker')
        const chosen = page.map(({ row }) => row).filter(isChosen)
        stations.at('source')
        const { doubtful, foreign } = await seekExtras(sides, chosen)
        stations.at(null)
        await keepDifferences(sink, differences, foreign)
        await judge.page({
          at: seal.close(Buffer.from(last.row).toString('hex')),
          rows: page.length,
          counts: { ...noCounts(), stored: chosen.length, extra: foreign.length },
          doubtful,
        })
        await pause(page.length, signal)
        stations.at('hbase')
      }
      stations.at(null)
      await judge.end()
      return judge.progress().counts
    }
    return beating(judge.progress, work, pressure)
  },
})

/** The rows of a page that are to be looked at. Where only keys were read, a row that is gone since is nobody's. */
async function comparePage(
  sides: Sides,
  { keys, rows }: SourcePage,
  { isChosen, stations }: Chosen & { readonly stations: Stations },
): Promise<Pick<Looked, 'counts' | 'doubtful'>> {
  const { source, table, transform, comparison } = sides
  const isWanted = (key: KeyText): boolean => isChosen(transform.rowKey(key))
  if (rows !== null)
    return compareRows(
      sides,
      [...rows].flatMap((row, i): Wanted[] =>
        isWanted(keys[i] ?? '') ? [{ key: keys[i] ?? '', row: transform.expected(row) }] : [],
      ),
      stations,
    )
  const chosen = keys.filter(isWanted)
  if (comparison === PRESENCE)
    return compareRows(
      sides,
      chosen.map((key) => ({ key, row: { row: transform.rowKey(key), cells: [] } })),
      stations,
    )
  stations.at('source')
  const matching = await source.rows.matching(table, chosen)
  stations.at('worker')
  return compareRows(
    sides,
    [...matching].map(([key, row]) => ({ key, row: transform.expected(row) })),
    stations,
  )
}

const resumed = (): VerifyProgress | undefined =>
  activityInfo().heartbeatDetails as VerifyProgress | undefined

interface Chosen {
  readonly isChosen: (rowKey: Uint8Array) => boolean
}

interface KeysToSum extends Chosen {
  readonly pressure: Pressure
  readonly signal: AbortSignal
}

/** How many rows the target has, and the sum of the hashes of their keys. */
async function sumKeys(
  { sink, transform }: Sides,
  { isChosen, pressure, signal }: KeysToSum,
): Promise<{ rows: number; digest: string }> {
  let rows = 0
  let digest = 0n
  const options = { from: null, to: null, keysOnly: true, signal }
  for await (const page of sink.scan(transform.target, options)) {
    signal.throwIfAborted()
    pressure.stations.at('worker')
    const chosen = page.filter(({ row }) => isChosen(row))
    rows += chosen.length
    for (const { row } of chosen) digest += hash(row)
    await pressure.pause(page.length, signal)
    pressure.stations.at('hbase')
  }
  return { rows, digest: formatDigest(digest) }
}
