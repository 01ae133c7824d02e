import type { KeyText } from '../model/value.ts'
import { addCounts, type Counts } from '../plan/counts.ts'
import { judge, type Compared } from './compare-rows.ts'
import { keepDifferences } from './differences.ts'
import type { Sides } from './sides.ts'

/** Where a comparison stands. */
export interface VerifyProgress {
  readonly at: string | null
  readonly counts: Counts
  readonly rows: number
}

/** A page that was compared as far as one look at it goes. */
export interface Looked {
  readonly at: string
  readonly rows: number
  readonly counts: Counts
  /** Rows that seem to differ. */
  readonly doubtful: readonly KeyText[]
}

export interface JudgingOptions {
  /** Names the list of differences. */
  readonly list: string
  readonly from: VerifyProgress
  /** What counts of what was judged. */
  readonly count?: (judged: Compared) => Compared
}

export interface Judging {
  /** What was judged, and where another attempt would go on. */
  readonly progress: () => VerifyProgress
  page(looked: Looked): Promise<void>
  /** Judges what is left. */
  end(): Promise<void>
}

/** Judged together at most. */
const MOST_ROWS = 10_000
/** What a crash costs at most. */
const LONGEST_MS = 5000

/**
 * Judges rows that seem to differ, those of many pages at once: to judge is to wait until apply has been there, and
 * next to busy writers each page has some. The position moves past a page when all of its rows are judged.
 */
export function judging(
  sides: Sides,
  { list, from, count = (judged) => judged }: JudgingOptions,
): Judging {
  let progress = from
  let ahead = from
  let doubtful: KeyText[] = []
  let since = 0
  const settle = async (): Promise<void> => {
    const { counts, differences } = count(await judge(sides, doubtful))
    await keepDifferences(sides.sink, list, differences)
    ahead = { ...ahead, counts: addCounts(ahead.counts, counts) }
    doubtful = []
    progress = ahead
  }
  return {
    progress: () => progress,
    async page({ at, rows, counts, doubtful: more }) {
      if (doubtful.length === 0) since = performance.now()
      doubtful.push(...more)
      ahead = { at, rows: ahead.rows + rows, counts: addCounts(ahead.counts, counts) }
      const due = doubtful.length >= MOST_ROWS || performance.now() - since >= LONGEST_MS
      if (doubtful.length === 0) progress = ahead
      else if (due) await settle()
    },
    end: settle,
  }
}
