import { setTimeout as sleep } from 'node:timers/promises'
import type { RowKey, StoredRow } from '../model/mutation.ts'
import type { Links } from '../model/project.ts'
import type { KeyText, Row } from '../model/value.ts'
import type { RowVerdict, Versions } from '../plan/compare.ts'
import { bucketOf } from '../plan/buckets.ts'
import { addCounts, noCounts, type Counts } from '../plan/counts.ts'
import { formatDigest } from '../plan/digests.ts'
import { linkOf } from '../plan/links.ts'
import type { ExpectedRow } from '../transform/transform.ts'
import { hash } from './hash.ts'
import type { Comparison, Sides } from './sides.ts'
import type { Stations } from './stations.ts'

/** A difference that held when everything was looked at again. */
export interface Difference {
  /** Null when no key of this mapping makes the row's key: somebody else wrote it. */
  readonly key: KeyText | null
  readonly verdict: Exclude<RowVerdict['verdict'], 'match'>
  readonly columns: readonly string[]
  /** The row of a stranger, which has no key. */
  readonly row?: RowKey
}

export interface Compared {
  readonly counts: Counts
  /** Matches that are rows of neither side. */
  readonly gone?: number
  readonly differences: readonly Difference[]
}

/** Looks at a doubtful row; each round waits longer. */
const ROUNDS = 6
const PAUSE_MS = 200
const AT_ONCE = 1000

/** A row of the source, as the target should have it. */
export interface Wanted {
  readonly key: KeyText
  readonly row: ExpectedRow
}

/** Compares with what the target has, both ways, at one look: what seems to differ is still to be judged. */
export async function compareRows(
  sides: Sides,
  wanted: readonly Wanted[],
  stations: Stations,
): Promise<{ counts: Counts; doubtful: readonly KeyText[] }> {
  const { sink, transform, comparison } = sides
  stations.at('hbase')
  const stored = await sink.read(
    transform.target,
    wanted.map(({ row }) => row.row),
  )
  stations.at('source')
  const versions = await sides.versions(stored)
  stations.at('worker')
  const tally = new Tally(comparison)
  const doubtful: KeyText[] = []
  for (const [i, { key, row }] of wanted.entries()) {
    const have = stored[i] ?? null
    if (comparison.verdict(row, have, versions).verdict === 'match' && have !== null)
      tally.matched(row, have)
    else doubtful.push(key)
  }
  return { counts: { ...tally.counts(), rows: wanted.length }, doubtful }
}

/** Adds up rows that match; numbers are made text only once. */
class Tally {
  private readonly comparison: Comparison
  private rows = 0
  private cells = 0
  private keys = 0n
  private source = 0n
  private target = 0n
  private readonly links = new Map<number, { rows: number; cells: number; digest: bigint }>()

  constructor(comparison: Comparison) {
    this.comparison = comparison
  }

  matched(want: ExpectedRow, have: StoredRow): void {
    const key = hash(want.row)
    const cells = this.comparison.cells(want)
    const digest = this.comparison.digest(want)
    this.rows++
    this.cells += cells
    this.keys += key
    this.source += digest
    this.target += this.comparison.digest(have)
    const no = linkOf(bucketOf(want.row))
    const link = this.links.get(no) ?? { rows: 0, cells: 0, digest: 0n }
    this.links.set(no, link)
    link.rows++
    link.cells += cells
    link.digest += digest
  }

  counts(): Counts {
    const links = [...this.links].map(([no, link]) => [
      no,
      { ...link, digest: formatDigest(link.digest) },
    ])
    return {
      ...noCounts(),
      matched: this.rows,
      cells: this.cells,
      keysDigest: formatDigest(this.keys),
      sourceDigest: formatDigest(this.source),
      targetDigest: formatDigest(this.target),
      links: Object.fromEntries(links) as Links,
    }
  }
}

/**
 * Looks again at keys that seemed to differ, because apply may just not have been there yet. A row is judged
 * when it was the same before and after the target was read and nothing was waiting for it in the log; a
 * difference must hold twice. A key that never keeps still is `unstable`, neither equal nor different.
 */
export async function judge(sides: Sides, keys: readonly KeyText[]): Promise<Compared> {
  let counts = noCounts()
  let gone = 0
  const differences: Difference[] = []
  let open = [...keys]
  let before = new Set<KeyText>()
  for (let round = 0; round < ROUNDS && open.length > 0; round++) {
    if (round > 0) await sleep(PAUSE_MS * 2 ** (round - 1))
    const looked = await lookAt(sides, open)
    const doubted = new Set<KeyText>()
    const next: KeyText[] = []
    for (const [key, seen] of looked) {
      if (seen !== null) doubted.add(key)
      if (!isSettled(seen, before.has(key))) {
        next.push(key)
        continue
      }
      counts = addCounts(counts, seen.counts)
      if (seen.isNowhere) gone++
      const { verdict, columns } = seen
      if (verdict !== 'match') differences.push({ key, verdict, columns })
    }
    before = doubted
    open = next
  }
  return { counts: addCounts(counts, { ...noCounts(), unstable: open.length }), differences, gone }
}

/** Few enough at a time for one to be looked at on both sides within a moment. */
async function lookAt(
  sides: Sides,
  keys: readonly KeyText[],
): Promise<readonly (readonly [KeyText, Look | null])[]> {
  const looked: (readonly [KeyText, Look | null])[] = []
  for (let i = 0; i < keys.length; i += AT_ONCE)
    looked.push(...(await look(sides, keys.slice(i, i + AT_ONCE))))
  return looked
}

/** A row that kept still is equal at the first look, and different at the second. */
const isSettled = (seen: Look | null, wasDoubted: boolean): seen is Look =>
  seen !== null && (seen.verdict === 'match' || wasDoubted)

interface Look {
  readonly verdict: RowVerdict['verdict']
  readonly columns: readonly string[]
  readonly counts: Counts
  readonly isNowhere: boolean
}

/** Source, log, target, source again; null for a key that moved meanwhile. */
async function look(
  { source, sink, table, transform, capture, versions, comparison }: Sides,
  keys: readonly KeyText[],
): Promise<Map<KeyText, Look | null>> {
  const first = await source.rows.matching(table, keys)
  const waiting = await capture.pending(table.name, keys)
  const stored = await sink.read(
    transform.target,
    keys.map((key) => transform.rowKey(key)),
  )
  const allowed = await versions(stored)
  const second = await source.rows.matching(table, keys)
  const waitingStill = await capture.pending(table.name, keys)
  return new Map(
    keys.map((key, i) => {
      const still =
        !waiting.has(key) && !waitingStill.has(key) && sameRow(first.get(key), second.get(key))
      if (!still) return [key, null]
      const row = first.get(key)
      const want = row === undefined ? null : transform.expected(row)
      return [key, seen(want, stored[i] ?? null, { comparison, versions: allowed })]
    }),
  )
}

function seen(
  want: ExpectedRow | null,
  have: StoredRow | null,
  { comparison, versions }: { comparison: Comparison; versions: Versions },
): Look {
  const verdict = comparison.verdict(want, have, versions)
  const is = verdict.verdict
  const look = {
    verdict: is,
    columns: is === 'different' ? verdict.columns : [],
    isNowhere: want === null && have === null,
  }
  if (is === 'match' && want !== null && have !== null) {
    const tally = new Tally(comparison)
    tally.matched(want, have)
    return { ...look, counts: tally.counts() }
  }
  const digest = (row: ExpectedRow | StoredRow | null): string =>
    formatDigest(row === null ? 0n : comparison.digest(row))
  return {
    ...look,
    counts: {
      ...noCounts(),
      // a row that is nowhere was read and deleted meanwhile: nothing is left to disagree about
      [COUNTED[is]]: 1,
      keysDigest: formatDigest(want === null || have === null ? 0n : hash(have.row)),
      sourceDigest: digest(want),
      targetDigest: digest(have),
    },
  }
}

const COUNTED = {
  match: 'matched',
  missing: 'missing',
  different: 'different',
  extra: 'extra',
} as const

const sameRow = (a: Row | undefined, b: Row | undefined): boolean =>
  a === undefined || b === undefined
    ? a === b
    : a.every((value, i) => {
        const other = b[i] ?? null
        return value === null || other === null
          ? value === other
          : Buffer.compare(value, other) === 0
      })
