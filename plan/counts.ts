import type { VerifyReport } from '../model/project.ts'

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
})

/** Sum and not XOR, so that a row counted twice does not vanish. */
export const addDigests = (a: string, b: string): string =>
  formatDigest(BigInt(`0x${a}`) + BigInt(`0x${b}`))

export const formatDigest = (sum: bigint): string =>
  BigInt.asUintN(64, sum).toString(16).padStart(16, '0')

/** Every row read was judged once. */
export const addsUp = ({ rows, matched, missing, different, unstable }: Counts): boolean =>
  rows === matched + missing + different + unstable

/** Nothing missing, different, extra or undecided. */
export const isClean = (report: VerifyReport): boolean =>
  report.missing + report.different + report.extra + report.unstable === 0 &&
  report.sourceDigest === report.targetDigest
