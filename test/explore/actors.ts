import { applyBatch } from '../../activities/apply-batch.ts'
import type { ActivityContext } from '../../activities/context.ts'
import { copyRows } from '../../activities/copy-rows.ts'
import { rangesOf } from '../../activities/load.ts'
import type { Route } from '../../activities/route.ts'
import { Stations } from '../../activities/stations.ts'
import { SyncError } from '../../model/errors.ts'
import type { Range } from '../../model/range.ts'
import type { KeyText } from '../../model/value.ts'
import type { Sink } from '../../sinks/sink.ts'
import type { Capture, Source } from '../../sources/source.ts'
import { SEAL, TABLE, TRANSFORM } from './table.ts'

/** What one attempt has in its hands. */
export interface Ends {
  readonly source: Source
  readonly capture: Capture
  readonly sink: Sink
  /** The version of a load's cells, asked once for each load. */
  readonly version: () => Promise<Version>
  /** The fail points of the product; a load stands still at each, because it calls nobody between reading and writing. */
  readonly reached: ActivityContext['reached']
}

/** Somebody of ours at work. What an attempt leaves behind when it dies, the next one finds. */
export interface Actor {
  readonly name: string
  /** One attempt. */
  run(ends: Ends): Promise<void>
}

const SIGNAL = new AbortController().signal
const passes = (): Promise<void> => Promise.resolve()

const routeOf = ({ source, sink }: Ends): Route => ({
  source,
  sink,
  table: TABLE,
  transform: TRANSFORM,
  seal: SEAL,
  // Nobody changes this table
  unchanged: passes,
})

/** One batch of the product. */
export const apply = (ends: Ends, limit: number): ReturnType<typeof applyBatch> =>
  applyBatch({
    capture: ends.capture,
    routes: new Map([[TABLE.name, [routeOf(ends)]]]),
    except: new Set(),
    limit,
    rowsAtOnce: 2,
    owner: 'explore',
    stations: new Stations(),
    signal: SIGNAL,
    reached: passes,
  })

export function applier(name: string, batches: number, limit: number): Actor {
  let left = batches
  return {
    name,
    async run(ends) {
      while (left-- > 0) await survive(() => apply(ends, limit))
    },
  }
}

/** A load as its workflow does it: a version, ranges, then one range after the other, each from where it is known to be. */
export function loader(name: string, rowsPerRange: number): Actor {
  let attempts = 0
  let version: Version | null = null
  let ranges: Range[] | null = null
  const known: Known = new Map()
  return {
    name,
    async run(ends) {
      const attempt = ++attempts
      const current = (): boolean => attempt === attempts
      const taken = await insist(() => ends.version())
      version ??= taken
      const planned = await insist(() => plan(ends, rowsPerRange))
      ranges ??= planned
      for (const range of ranges)
        await insist(() => copyRange(ends, range, version as Version, { known, current }))
    },
  }
}

/** Asked when a page is about to be written: the same every time, but for controls. */
export type Version = () => number

export async function versionOfLease(capture: Capture): Promise<Version> {
  const token = await capture.token('load')
  return () => token
}

async function plan(ends: Ends, rowsPerRange: number): Promise<Range[]> {
  const wanted = { after: null, rowsPerRange, max: 10, firstNo: 1 }
  return (await rangesOf(routeOf(ends), wanted)).ranges
}

/** Where ranges are known to be, by their number. */
type Known = Map<number, KeyText | null>

async function copyRange(
  ends: Ends,
  { no, after, upTo }: Range,
  version: Version,
  { known, current }: { readonly known: Known; readonly current: () => boolean },
): Promise<void> {
  const from = known.get(no) ?? (after === null ? null : SEAL.open(after))
  await copyRows({
    route: routeOf(ends),
    bury: (dead) => ends.capture.bury(dead),
    after: from,
    upTo: upTo === null ? null : SEAL.open(upTo),
    get version() {
      return version()
    },
    pause: () => Promise.resolve(),
    stations: new Stations(),
    signal: SIGNAL,
    reached: ends.reached,
    written(key) {
      // What an attempt that was taken for dead reports is not heard
      if (current()) known.set(no, key)
    },
  })
}

export const compactor = (name: string, limit: number): Actor => ({
  name,
  run: ({ capture }) =>
    survive(async () => capture.compact(await capture.token('compactor'), limit)),
})

export const refresher = (name: string, keys: readonly string[]): Actor => ({
  name,
  run: ({ capture }) => survive(() => capture.enqueue(TABLE.name, keys)),
})

/** Goes on after an answer that never came, as the next attempt of an activity would. */
async function survive(work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!isLost(error)) throw error
  }
}

/** Until it has an answer. */
async function insist<Result>(work: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!isLost(error)) throw error
    }
  }
}

const isLost = (error: unknown): boolean =>
  error instanceof SyncError &&
  (error.code === 'SOURCE_UNREACHABLE' || error.code === 'SINK_UNREACHABLE')
