import { countOf } from '../model/differing.ts'
import { SyncError } from '../model/errors.ts'
import type { RowKey } from '../model/mutation.ts'
import type { CertifiedTable } from '../model/project.ts'
import { Buckets, bucketOf, type BucketSet } from '../plan/buckets.ts'
import { addCounts, type Counts } from '../plan/counts.ts'
import { LINKS, isSameLink, linkOf } from '../plan/links.ts'
import { sampler } from './choose.ts'
import { judge, type Difference } from './compare-rows.ts'
import type { ActivityContext } from './context.ts'
import { onlyExtras, seekExtras } from './extras.ts'
import { sourcePages } from './pages.ts'
import { routeTo } from './route.ts'
import { addExpected, addStored } from './row-sums.ts'
import { CELLS, PRESENCE, versionsOf, type Sides } from './sides.ts'

/** A sixteenth of a table, as it is now. */
export interface LinkAudit {
  readonly no: number
  /** `changed`: both sides are equal, and other than they were. `different`: they are not equal now. */
  readonly verdict: 'agrees' | 'changed' | 'different'
  /** As the certificate says. */
  readonly certified: number
  /** Rows that are equal now. */
  readonly rows: number
  readonly missing: number
  readonly different: number
  readonly extra: number
  /** Of those that differ, rows whose newest cell was written after the certificate. Of a missing row nobody can tell. */
  readonly since: number
  /** Rows that changed during every look at them. */
  readonly unstable: number
}

/** What a certificate is checked against: both sides, as they are now. */
export async function auditTable(
  context: Pick<ActivityContext, 'source' | 'sink'>,
  project: string,
  table: CertifiedTable,
): Promise<readonly LinkAudit[]> {
  const { links } = table
  if (links === undefined)
    throw new SyncError('CERTIFICATE_INVALID', `${table.name} has no links to check; verify again`)
  const sides = await auditedSides(context, project, table)
  const isChosen = table.sample === undefined ? () => true : sampler(table.sample)
  const source = await sumSource(sides, isChosen)
  const { unequal, equal } = source.compare(await sumTarget(sides, isChosen))
  const looked = await lookCloser(sides, equal, (row) => isChosen(row) && isIn(unequal, row))
  const differing = await byLink(sides, looked.differences, table.tokens[1])
  return Array.from({ length: LINKS }, (_, no): LinkAudit => {
    const found = differing[no] ?? { missing: 0, different: 0, extra: 0, since: 0 }
    const now = looked.counts.links?.[no]
    const same = isSameLink(links[no], now)
    const differs = countOf(found) > 0
    return {
      no,
      verdict: differs ? 'different' : same ? 'agrees' : 'changed',
      certified: links[no]?.rows ?? 0,
      rows: now?.rows ?? 0,
      ...found,
      unstable: no === 0 ? looked.counts.unstable : 0,
    }
  })
}

const isIn = (buckets: BucketSet, row: RowKey): boolean => buckets.has(bucketOf(row))

/** Where the project was released there is no log, and whoever writes the target gives its own versions. */
async function auditedSides(
  context: Pick<ActivityContext, 'source' | 'sink'>,
  project: string,
  { name, mapping, schemaHash, tokens: [oldest], mode }: CertifiedTable,
): Promise<Sides> {
  if (mapping === undefined)
    throw new SyncError('CERTIFICATE_INVALID', `${name} has no mapping to make its rows by`)
  const route = await routeTo(context, { project, mapping, schemaHash })
  const comparison = mode === 'count' ? PRESENCE : CELLS
  if ((await route.source.captured()).includes(project)) {
    const capture = route.source.capture(project)
    return { ...route, comparison, capture, ...versionsOf(capture, oldest) }
  }
  return {
    ...route,
    comparison,
    capture: { pending: () => Promise.resolve(new Set()) },
    versions: () => Promise.resolve({ oldest, newest: Infinity }),
    versionsUpTo: () => Promise.resolve({ oldest, newest: Infinity }),
  }
}

const ALL = { from: null, upTo: null, signal: new AbortController().signal }

async function sumSource(sides: Sides, isChosen: (row: RowKey) => boolean): Promise<Buckets> {
  const { transform, comparison } = sides
  const buckets = new Buckets()
  for await (const page of sourcePages(sides, comparison === PRESENCE, ALL))
    addExpected(page, buckets, { transform, isChosen })
  return buckets
}

async function sumTarget(sides: Sides, isChosen: (row: RowKey) => boolean): Promise<Buckets> {
  const { sink, transform, comparison, versionsUpTo: versions } = sides
  const buckets = new Buckets()
  const keysOnly = comparison === PRESENCE
  for await (const page of sink.pages(transform.target, { from: null, to: null, keysOnly }))
    await addStored(page, buckets, { keysOnly, versions, isChosen })
  return buckets
}

/** The rows in unequal buckets, one by one and more than once: one that changes just now is no difference. */
async function lookCloser(
  sides: Sides,
  equal: Counts,
  isDoubtful: (row: RowKey) => boolean,
): Promise<{ counts: Counts; differences: readonly Difference[] }> {
  const { sink, transform } = sides
  let counts = equal
  const differences: Difference[] = []
  for await (const { keys } of sourcePages(sides, true, ALL)) {
    const judged = await judge(
      sides,
      keys.filter((key) => isDoubtful(transform.rowKey(key))),
    )
    counts = addCounts(counts, judged.counts)
    differences.push(...judged.differences)
  }
  const options = { from: null, to: null, keysOnly: true }
  for await (const page of sink.scan(transform.target, options)) {
    const rows = page.map(({ row }) => row).filter(isDoubtful)
    const { doubtful, foreign } = await seekExtras(sides, rows)
    differences.push(...foreign, ...onlyExtras(await judge(sides, doubtful)).differences)
  }
  return { counts, differences }
}

type Found = Pick<LinkAudit, 'missing' | 'different' | 'extra' | 'since'>

async function byLink(
  { sink, transform }: Sides,
  differences: readonly Difference[],
  newest: number,
): Promise<Readonly<Record<number, Found>>> {
  const rows = differences.map(({ key, row }) => row ?? transform.rowKey(key ?? ''))
  const stored = await sink.read(transform.target, rows)
  const found: Record<number, Found> = {}
  for (const [i, { verdict }] of differences.entries()) {
    const no = linkOf(bucketOf(rows[i] as RowKey))
    const before = found[no] ?? { missing: 0, different: 0, extra: 0, since: 0 }
    const since = stored[i]?.cells.some(({ version }) => version > newest) ?? false
    found[no] = {
      ...before,
      [verdict]: before[verdict] + 1,
      since: before.since + (since ? 1 : 0),
    }
  }
  return found
}
