import { countOf } from '../model/differing.ts'
import type { Links, VerifyReport } from '../model/project.ts'
import { addDigests } from './digests.ts'
import { addLinks, digestOfLinks } from './links.ts'

/** What one part of a verification counted; parts add up in any order. */
export interface Counts {
  readonly rows: number
  readonly matched: number
  readonly missing: number
  readonly different: number
  readonly extra: number
  readonly stored: number
  readonly unstable: number
  readonly cells: number
  /**
   * Sum of a hash of each row key that both sides have: against the target's own, it tells whether the target has
   * others. Absent in histories of earlier releases; then each key is looked up.
   */
  readonly keysDigest?: string
  /** Sums modulo 2^64, in hex: equal whatever the order of the rows. */
  readonly sourceDigest: string
  readonly targetDigest: string
  /** The rows that matched. Absent in histories of earlier releases. */
  readonly links?: Links
}

const ZERO = '0'.repeat(16)

export const noCounts = (): Counts => ({
  rows: 0,
  matched: 0,
  missing: 0,
  different: 0,
  extra: 0,
  stored: 0,
  unstable: 0,
  cells: 0,
  keysDigest: ZERO,
  sourceDigest: ZERO,
  targetDigest: ZERO,
  links: {},
})

export const addCounts = (a: Counts, b: Counts): Counts => ({
  rows: a.rows + b.rows,
  matched: a.matched + b.matched,
  missing: a.missing + b.missing,
  different: a.different + b.different,
  extra: a.extra + b.extra,
  stored: a.stored + b.stored,
  unstable: a.unstable + b.unstable,
  cells: a.cells + b.cells,
  keysDigest: addDigests(a.keysDigest ?? ZERO, b.keysDigest ?? ZERO),
  sourceDigest: addDigests(a.sourceDigest, b.sourceDigest),
  targetDigest: addDigests(a.targetDigest, b.targetDigest),
  links: addLinks(a.links ?? {}, b.links ?? {}),
})

/**
 * What a verification found, when the rows that differed were corrected and looked at again: what matched stays, the
 * others are what they are now. `again.rows` are those of them the source still has. Null when that is not enough: the
 * first look left rows undecided, which no list names, or does not tell its rows apart.
 */
export function lookedAgain(first: Counts, again: Counts): Counts | null {
  if (first.links === undefined || first.unstable > 0) return null
  const matched = first.matched + again.matched
  const digest = digestOfLinks(first.links)
  return {
    rows: first.matched + again.rows,
    matched,
    missing: again.missing,
    different: again.different,
    extra: again.extra,
    stored: matched + again.different + again.extra,
    unstable: again.unstable,
    cells: first.cells + again.cells,
    sourceDigest: addDigests(digest, again.sourceDigest),
    targetDigest: addDigests(digest, again.targetDigest),
    links: addLinks(first.links, again.links ?? {}),
  }
}

/** Every row read was judged once. */
export const addsUp = ({ rows, matched, missing, different, unstable }: Counts): boolean =>
  rows === matched + missing + different + unstable

/** Nothing missing, different, extra or undecided. */
export const isClean = (report: VerifyReport): boolean =>
  countOf(report) + report.unstable === 0 && report.sourceDigest === report.targetDigest

/** Nothing is known to differ, and some rows never kept still to be looked at. */
export const isUndecided = (report: VerifyReport | undefined): boolean =>
  report !== undefined && countOf(report) === 0 && report.unstable > 0
