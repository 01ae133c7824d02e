import { expect, inject } from 'vitest'
import { applyBatch, type BatchApplied } from '../../activities/apply-batch.ts'
import type { FailPoint } from '../../activities/context.ts'
import { copyRows } from '../../activities/copy-rows.ts'
import { hashOf, routeTo, type Route } from '../../activities/route.ts'
import { Stations } from '../../activities/stations.ts'
import type { DeadLetter } from '../../model/change.ts'
import { hbase } from '../../sinks/hbase/index.ts'
import { MemoryCluster } from '../../sinks/memory/cluster.ts'
import { MemorySink } from '../../sinks/memory/sink.ts'
import type { Sink } from '../../sinks/sink.ts'
import type { Capture } from '../../sources/source.ts'
import type { Mapping } from '../../model/mapping.ts'
import { openBench, type Bench, type LogName, type ServerName } from '../sources/mysql/server.ts'

export type StoreName = 'memory' | 'hbase'

/** Every database with every store, and with every way to keep the log. */
export const GROUNDS: [ServerName, StoreName, LogName][] = [
  ['mysql', 'memory', 'append'],
  ['mysql', 'memory', 'dedupe'],
  ['mysql', 'hbase', 'append'],
  ['mysql', 'hbase', 'dedupe'],
  ['mariadb', 'memory', 'append'],
  ['mariadb', 'memory', 'dedupe'],
  ['mariadb', 'hbase', 'append'],
  ['mariadb', 'hbase', 'dedupe'],
]

/** What is done when a batch or a load has come to a point, once. */
export type Steps = Partial<Record<FailPoint, () => Promise<unknown>>>

/** One captured table `t (id, a, b)` and the real load and apply on it, with a test between their steps. */
export interface Race {
  readonly bench: Bench
  readonly capture: Capture
  readonly sink: Sink
  /** Only with the store in memory. */
  readonly cluster: MemoryCluster
  run(...statements: string[]): Promise<void>
  load(options?: LoadOptions): Promise<void>
  /** One batch of one applier. */
  apply(options?: ApplyOptions): Promise<BatchApplied>
  /** Batches until the log is empty. */
  drain(): Promise<void>
  source(): Promise<string[]>
  target(): Promise<string[]>
  /** Drains; then the target must have exactly what the source has, and nobody is dead. */
  converged(): Promise<void>
  /** Drains; then the target must not have what the source has: for controls. */
  lost(): Promise<void>
  /** Makes both sides equal again after a test that spoilt the target. */
  heal(): Promise<void>
  close(): Promise<void>
}

export interface LoadOptions {
  /** A new token when left out; a function is asked when a page is about to be written. */
  readonly version?: number | (() => number)
  readonly after?: string
  readonly upTo?: string
  readonly at?: Steps
  readonly signal?: AbortSignal
  /** Told when rows up to a key are known to be written. */
  readonly written?: (key: string, rows: number) => void
}

export interface ApplyOptions {
  readonly at?: Steps
  readonly capture?: Capture
  readonly sink?: Sink
  readonly limit?: number
  /** Writes what it has read without asking whether the table is still what it was. */
  readonly careless?: boolean
}

const once = (steps: Steps = {}): ((point: FailPoint) => Promise<void>) => {
  const left = new Map(Object.entries(steps))
  return async (point) => {
    const step = left.get(point)
    left.delete(point)
    await step?.()
  }
}

export async function openRace(server: ServerName, store: StoreName, log: LogName): Promise<Race> {
  const bench = await openBench(server, log)
  const table = `${bench.database}.t`
  await bench.run(
    `create table t (id varchar(20) character set utf8mb4 collate utf8mb4_bin primary key,
       a varchar(40), b varchar(40))`,
  )
  const described = await bench.source.describe(table)
  const capture = bench.source.capture('race')
  await capture.install([described])
  const cluster = new MemoryCluster()
  const sink =
    store === 'memory'
      ? new MemorySink(cluster)
      : await hbase.open(hbase.options.parse({ endpoints: [inject('hbase')] }))
  const route: Route = await routeTo(
    { source: () => Promise.resolve(bench.source), sink: () => Promise.resolve(sink) },
    { project: 'race', mapping: mappingOf(table, bench.database), schemaHash: hashOf(described) },
  )
  await sink.prepare({ table: bench.database, families: ['t'], owner: 'race', splits: [] })

  const race: Race = {
    bench,
    capture,
    sink,
    cluster,
    run: (...statements) => bench.run(...statements),
    async load({ version, after, upTo, at, signal, written } = {}) {
      const token = version ?? (await capture.token('load'))
      await copyRows({
        route,
        bury: (dead: readonly DeadLetter[]) => capture.bury(dead),
        after: after ?? null,
        upTo: upTo ?? null,
        get version() {
          return typeof token === 'number' ? token : token()
        },
        pause: () => Promise.resolve(),
        stations: new Stations(),
        signal: signal ?? new AbortController().signal,
        reached: once(at),
        written: (key, rows) => written?.(key, rows),
      })
    },
    apply: (options = {}) =>
      applyBatch({
        capture: options.capture ?? capture,
        routes: new Map([
          [
            table,
            [
              {
                ...route,
                sink: options.sink ?? sink,
                ...(options.careless === true ? { unchanged: () => Promise.resolve() } : {}),
              },
            ],
          ],
        ]),
        except: new Set(),
        limit: options.limit ?? 1000,
        owner: 'race',
        stations: new Stations(),
        signal: new AbortController().signal,
        reached: once(options.at),
      }),
    async drain() {
      while ((await capture.read(1)).length > 0) await race.apply()
    },
    async source() {
      const rows = await bench.ask('select id, a, b from t')
      return rows.map(([id, a, b]) => line({ id, a, b })).sort()
    },
    async target() {
      const lines: string[] = []
      for await (const page of sink.scan(bench.database, { from: null, to: null }))
        for (const { row, cells } of page) {
          const pairs = cells.map(({ qualifier, value }) => [text(qualifier), text(value)])
          const found = Object.fromEntries(pairs) as Record<string, string>
          lines.push(line(found, text(row)))
        }
      return lines.sort()
    },
    async converged() {
      await race.drain()
      expect(await race.target()).toEqual(await race.source())
      expect(await capture.dead(10)).toEqual([])
    },
    async lost() {
      await race.drain()
      expect(await race.target()).not.toEqual(await race.source())
    },
    async heal() {
      const keys = [...(await race.source()), ...(await race.target())].map(
        (one) => one.split(' ')[0] ?? '',
      )
      await capture.enqueue(table, keys)
      await race.drain()
    },
    async close() {
      await sink.drop(bench.database, 'race')
      await sink.close()
      await bench.close()
    },
  }
  return race
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString()

type Text = string | null | undefined

/** `1 a=x b=null`; a row whose cells lost their key shows it. */
const line = ({ id, a, b }: { id?: Text; a?: Text; b?: Text }, key = id): string =>
  `${key ?? ''} ${id === key ? '' : '(broken) '}a=${a ?? 'null'} b=${b ?? 'null'}`

const mappingOf = (table: string, target: string): Mapping => ({
  name: 't',
  source: 'app',
  cluster: 'main',
  target,
  anchor: table,
  families: [{ family: 't', table, path: [], rename: {}, exclude: [] }],
  rowKey: {},
  accept: [],
})
