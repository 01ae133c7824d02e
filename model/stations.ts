/** What work on rows is held by at a moment: the source, its own computing, HBase, or a wait on purpose. */
export type Station = 'source' | 'worker' | 'hbase' | 'limit'

export const STATIONS: readonly Station[] = ['source', 'worker', 'hbase', 'limit']

/** Parts of the last seconds, 0 to 1, of one range. */
export interface Shares {
  /** It waited for the source, for HBase, or on purpose. */
  readonly source: number
  readonly hbase: number
  readonly limit: number
  /** The worker's thread had something to do, be it this range or another. */
  readonly busy: number
}

/** Who waits on purpose so often is as fast as it may be: with a quicker source or HBase it would only wait longer. */
const HELD_BACK = 0.05
/** A thread that is so busy is late for every answer: what seems to be a wait for others is mostly one for itself. */
const BUSY = 0.9
/** Shorter waits say nothing. */
const WAITED = 0.1

/**
 * What limits ranges that are under way together; null when nothing can be told. Reading, computing and writing go on at
 * the same time, so the slowest is the one that is waited for, however long the others take.
 */
export function limitOf(ranges: readonly Shares[]): Station | null {
  if (ranges.length === 0) return null
  const share = (what: keyof Shares): number =>
    ranges.reduce((sum, shares) => sum + shares[what], 0) / ranges.length
  if (share('limit') >= HELD_BACK) return 'limit'
  if (share('busy') >= BUSY) return 'worker'
  const [source, hbase] = [share('source'), share('hbase')]
  if (source + hbase < WAITED) return null
  return source > hbase ? 'source' : 'hbase'
}
