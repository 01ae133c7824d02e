import { HBaseError } from '../../hbase/index.ts'
import type { HBaseClient, MutateOptions, Mutation } from '../../hbase/index.ts'
import type { Ledger } from './ledger.ts'
import { between, oneOf, streamOf } from './random.ts'
import { hasMarkers, kindOf, mutationOf } from './rows.ts'

const WRITERS = 12
const MOST_ROWS = 800
/** One call in so many gets no time, so that outcomes nobody knows are part of every run. */
const HURRIED_EVERY = 150

export interface Writing {
  readonly seed: number
  readonly client: HBaseClient
  readonly ledgers: readonly Ledger[]
  readonly tally: Tally
  readonly going: () => boolean
}

/** What the writers have done; all of them count into one. */
export interface Tally {
  acknowledged: number
  thrown: number
  longestCallMs: number
  /** What must not happen at all: a refused row, an error without a type. */
  readonly wrong: string[]
}

/** Several writers, each with rows of its own, so that the versions of a row are written in order. */
export async function write(writing: Writing): Promise<void> {
  const writers = Array.from({ length: WRITERS }, (_, writer) => runWriter(writing, writer))
  await Promise.all(writers)
}

async function runWriter(writing: Writing, writer: number): Promise<void> {
  const { seed, ledgers } = writing
  const random = streamOf(seed, `writer ${writer}`)
  while (writing.going()) {
    const ledger = oneOf(random, ledgers)
    const rows = new Set<number>()
    const size = between(random, 50, MOST_ROWS)
    const own = Math.floor(ledger.place.rows / WRITERS)
    for (let i = 0; i < size; i++) rows.add(between(random, 0, own - 1) * WRITERS + writer)
    const hurried = between(random, 1, HURRIED_EVERY) === 1
    const options = hurried ? { deadlineMs: between(random, 1, 40) } : {}
    // As the product does it: loads are plain, changes atomic. What has markers must be atomic.
    const isPlain = (row: number): boolean =>
      !hasMarkers(kindOf(row, (ledger.begun[row] ?? 0) + 1)) && random() < 0.7
    const plain = [...rows].filter(isPlain)
    for (const row of plain) rows.delete(row)
    await Promise.all([
      send(writing, { ledger, rows: plain, options: { ...options, atomic: false } }),
      send(writing, { ledger, rows: [...rows], options: { ...options, atomic: true } }),
    ])
  }
}

interface Batch {
  readonly ledger: Ledger
  readonly rows: readonly number[]
  readonly options: MutateOptions
}

async function send({ client, tally }: Writing, { ledger, rows, options }: Batch): Promise<void> {
  if (rows.length === 0) return
  const { place } = ledger
  const versions = rows.map((row) => ledger.begin(row))
  const version = (i: number): number => versions[i] ?? 0
  const mutations: Mutation[] = rows.map((row, i) => mutationOf(place, row, version(i)))
  const began = performance.now()
  try {
    const failures = await client.mutate(place.table, mutations, options)
    for (const { error } of failures) tally.wrong.push(`a row was refused: ${error.message}`)
    rows.forEach((row, i) => {
      ledger.acknowledge(row, version(i))
    })
    tally.acknowledged += rows.length
  } catch (error) {
    if (!(error instanceof HBaseError) || !error.retryable) {
      tally.wrong.push(`a write threw ${String(error)}`)
    }
    rows.forEach((row, i) => {
      ledger.doubt(row, version(i))
    })
    tally.thrown++
  } finally {
    tally.longestCallMs = Math.max(tally.longestCallMs, performance.now() - began)
  }
}
