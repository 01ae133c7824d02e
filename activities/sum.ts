import { activityInfo } from '@temporalio/activity'
import { SyncError } from '../model/errors.ts'
import { keptUnder } from '../model/mapping.ts'
import type { Range } from '../model/range.ts'
import type { BucketSet } from '../plan/buckets.ts'
import { Buckets } from '../plan/buckets.ts'
import type { Counts } from '../plan/counts.ts'
import type { Sink } from '../sinks/sink.ts'
import { alive, beating } from './beat.ts'
import type { ActivityContext } from './context.ts'
import { sourcePages } from './pages.ts'
import { pressureOn, type Pressure } from './pressure.ts'
import { addExpected, addStored } from './row-sums.ts'
import { sidesOf, type ComparedTable } from './sides.ts'
import { SumStore } from './sum-store.ts'

export interface SumInput extends ComparedTable {
  /** Names the sums of this verification. */
  readonly sums: string
}

export interface SumRange extends SumInput {
  readonly range: Range
  readonly rowsPerSecond: number | null
}

export interface SumTarget extends SumInput {
  /** Left out by earlier releases, which did not slow this down. */
  readonly rowsPerSecond?: number | null
}

export interface CompareSums extends SumInput {
  readonly ranges: number
}

export interface SumsCompared {
  readonly equal: Counts
  /** Buckets. */
  readonly unequal: number
}

interface Page {
  readonly last: string
  readonly rows: number
  readonly addTo: (buckets: Buckets) => Promise<void> | void
}

type Pages = (at: string | null, signal: AbortSignal) => AsyncIterable<Page>

/** What a crash costs at most. */
const KEEP_EVERY_MS = 5000
/** A restarted attempt outbids whatever an attempt taken for dead may still write. */
const VERSIONS_PER_ATTEMPT = 1_000_000

export const sumActivities = (context: ActivityContext) => ({
  /** Sums one range of the source, as the target should have it. Goes on where the attempt before was last kept. */
  async sumRange(input: SumRange): Promise<number> {
    const { range, mapping } = input
    const sides = await alive(() => sidesOf(context, input))
    const { seal, sink, transform } = sides
    const upTo = range.upTo === null ? null : seal.open(range.upTo)
    const first = range.after === null ? null : seal.open(range.after)
    const pressure = pressureOn(context, input, 'verify')
    const pages: Pages = async function* (at, signal) {
      const bounds = { from: at ?? first, upTo, signal }
      for await (const page of sourcePages(sides, input.keysOnly, bounds)) {
        const { last, length } = page
        const addTo = (buckets: Buckets): void => {
          addExpected(page, buckets, { transform })
        }
        yield { last, rows: length, addTo }
        context.meter.rows('verify', mapping.name, length)
        await pressure.pause(length, signal)
      }
    }
    const store = storeOf(sink, input)
    return summing({ store, part: `source|${range.no}`, reads: 'source' }, pages, pressure)
  },

  /** Sums all that the target has. */
  async sumTarget(input: SumTarget): Promise<number> {
    const sides = await alive(() => sidesOf(context, input))
    const { sink, transform, versionsUpTo } = sides
    const { keysOnly = false } = input
    const pressure = pressureOn(context, { rowsPerSecond: null, ...input }, 'verify')
    return summing(
      { store: storeOf(sink, input), part: 'target', reads: 'hbase' },
      async function* (at, signal) {
        const from = at === null ? null : Buffer.from(at, 'hex')
        const bounds = { from, to: null, keysOnly, signal }
        for await (const page of sink.pages(transform.target, bounds)) {
          const { length } = page
          if (length === 0) continue
          yield {
            last: Buffer.from(page.keyAt(length - 1)).toString('hex'),
            rows: length,
            addTo: (buckets) => addStored(page, buckets, { keysOnly, versions: versionsUpTo }),
          }
          await pressure.pause(length, signal)
        }
      },
      pressure,
    )
  },

  /** Compares both sides' sums and drops them. Rows in unequal buckets are to be looked at one by one. */
  async compareSums(input: CompareSums): Promise<SumsCompared> {
    return alive(async () => comparedSums(await context.sink(input.mapping.cluster), input))
  },
})

/** What `compareSums` answers, however often it is asked; throws SUMS_LOST. */
export async function comparedSums(sink: Sink, input: CompareSums): Promise<SumsCompared> {
  const store = storeOf(sink, input)
  const { equal, unequal } = (await store.verdict()) ?? (await judged(store, input))
  await store.conclude({ equal, unequal })
  return { equal, unequal: unequal.size }
}

/** What the sums found unequal; throws when there are no sums. */
export async function unequalBuckets(sink: Sink, input: SumInput): Promise<BucketSet> {
  const unequal = (await storeOf(sink, input).verdict())?.unequal
  if (unequal === undefined) throw new Error(`There are no sums of ${input.mapping.name}`)
  return unequal
}

const storeOf = (sink: Sink, { project, mapping, sums }: SumInput): SumStore =>
  new SumStore(sink, keptUnder(project, mapping), sums)

interface SummedPart {
  readonly store: SumStore
  readonly part: string
  readonly reads: 'source' | 'hbase'
}

/** Adds page after page to what was kept of this part; returns the rows of all of it. */
async function summing(
  { store, part, reads }: SummedPart,
  pages: Pages,
  pressure: Pressure,
): Promise<number> {
  const { stations } = pressure
  const kept = await alive(() => store.sum(part))
  if (kept.ended) return kept.rows
  const { buckets } = kept
  let { at, rows } = kept
  let version = activityInfo().attempt * VERSIONS_PER_ATTEMPT
  let keptAt = performance.now()
  await beating(
    () => ({ at: null, rows }),
    async (signal) => {
      stations.at(reads)
      for await (const page of pages(at, signal)) {
        signal.throwIfAborted()
        stations.at('worker')
        await page.addTo(buckets)
        at = page.last
        rows += page.rows
        if (performance.now() - keptAt >= KEEP_EVERY_MS) {
          stations.at('hbase')
          await store.keepSum(part, { at, rows, ended: false, buckets }, version++)
          keptAt = performance.now()
        }
        stations.at(reads)
      }
      stations.at('hbase')
      await store.keepSum(part, { at, rows, ended: true, buckets }, version)
    },
    pressure,
  )
  return rows
}

/** Throws SUMS_LOST when a part is not there whole: what was not read must not pass for equal. */
async function judged(
  store: SumStore,
  { mapping, ranges }: CompareSums,
): Promise<{ equal: Counts; unequal: BucketSet }> {
  const ended = async (part: string): Promise<Buckets> => {
    const sum = await store.sum(part)
    if (!sum.ended) throw new SyncError('SUMS_LOST', `${mapping.name} (${part})`)
    return sum.buckets
  }
  const source = new Buckets()
  for (let no = 0; no < ranges; no++) source.addAll(await ended(`source|${no}`))
  return source.compare(await ended('target'))
}
