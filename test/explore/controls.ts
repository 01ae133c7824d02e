import type { Change } from '../../model/change.ts'
import { MatchedRows } from '../../model/matched-rows.ts'
import type { RowMutation } from '../../model/mutation.ts'
import type { KeyText, Row } from '../../model/value.ts'
import type { MemoryCluster } from '../../sinks/memory/cluster.ts'
import type { Sink } from '../../sinks/sink.ts'
import type { Capture, RowReader, Source } from '../../sources/source.ts'
import type { Version } from './actors.ts'
import { bury, changeOf } from './capture.ts'
import { over } from './over.ts'
import type { Run } from './source.ts'
import type { LogRow, MemoryDatabase, Unit } from './database.ts'
import { PROJECT, TABLE } from './table.ts'

/** A mechanism taken out, on the way between the product and its two ends. */
export interface Control {
  readonly capture?: (at: At) => Partial<Capture>
  readonly rows?: (at: At) => Partial<RowReader>
  readonly sink?: (sink: Sink, cluster: MemoryCluster) => Sink
  readonly version?: (at: At) => Promise<Version>
  readonly cluster?: { readonly markersKeptMs: number }
}

/** The source of one attempt; what is kept here is the attempt's own. */
export interface At {
  readonly source: Source
  readonly capture: Capture
  readonly database: MemoryDatabase
  readonly run: Run
}

const unitOf = (database: MemoryDatabase): Unit => database.units.get(PROJECT) as Unit

/** An acknowledgement that forgets the log rows of which `matches` says so. */
const forgetting =
  (matches: (row: LogRow, changes: readonly Change[]) => boolean, underLease = true) =>
  ({ database, run }: At): Partial<Capture> => ({
    acknowledge: (token, changes, dead = []) =>
      run('acknowledges', () => {
        const unit = unitOf(database)
        if (underLease && unit.token !== token) return false
        bury(unit, dead)
        for (const [place, row] of unit.log)
          if (!database.isLocked(unit, place) && matches(row, changes)) unit.log.delete(place)
        return true
      }),
  })

/** A sink to which each mutation goes as `change` makes it. */
const writing =
  (change: (mutation: RowMutation) => RowMutation[]) =>
  (sink: Sink): Sink =>
    over(sink, {
      write: (table, mutations, options) => sink.write(table, mutations.flatMap(change), options),
    })

const byNumber = ({ seq }: LogRow, changes: readonly Change[]): boolean =>
  changes.some((change) => change.seq === seq)

/** By name; each must lose or leave something that the protocol as it is does not. */
export const CONTROLS: Readonly<Record<string, Control>> = {
  'T45: acknowledged by key': {
    capture: forgetting(({ key }, changes) => changes.some((change) => change.key === key)),
  },
  'T45: everything acknowledged': { capture: forgetting(() => true) },
  'T46: acknowledged up to the newest number': {
    capture: forgetting(({ seq }, changes) => changes.some((change) => seq <= change.seq)),
  },
  'T49: no look at the lease': { capture: forgetting(byNumber, false) },
  'one token for all': {
    capture: ({ database, run }) => ({
      token: () => run('takes a token', () => unitOf(database).token),
    }),
  },
  'the log read before its commit': {
    capture: ({ database, run }) => ({
      read: (limit) =>
        run('reads the log', () => {
          const unit = unitOf(database)
          const open = [...database.open].flatMap((each) => [...each.logged(unit).values()])
          const seen = [...unit.log.values(), ...open.filter((row) => row !== null)]
          return seen.slice(0, limit).map((row) => changeOf(database, row))
        }),
    }),
  },
  'rows read from before the log was': {
    capture: ({ capture, database }) => ({
      async token(owner) {
        const token = await capture.token(owner)
        snapshots.set(capture, new Map(database.table(TABLE.name).rows))
        return token
      },
    }),
    rows: ({ capture, run }) => ({
      matching: (_table, keys) =>
        run(`reads the rows ${keys.join(' ')}`, () => {
          const rows = snapshots.get(capture) ?? new Map<KeyText, Row>()
          return MatchedRows.of([...rows].filter(([key]) => keys.includes(key)))
        }),
    }),
  },
  'the token taken after the rows were read': {
    // Writes and the acknowledgement are given a number that stands for the token to come
    capture: ({ capture }) => ({
      token() {
        promises.set(capture, ++lastPromise)
        return Promise.resolve(lastPromise)
      },
      acknowledge: (promise, changes, dead) =>
        capture.acknowledge(tokens.get(promise) ?? 0, changes, dead),
    }),
    rows: ({ capture, source }) => ({
      async matching(table, keys) {
        const rows = await source.rows.matching(table, keys)
        tokens.set(promises.get(capture) ?? 0, await capture.token('late'))
        return rows
      },
    }),
    sink: writing((mutation) => [
      { ...mutation, version: tokens.get(mutation.version) ?? mutation.version },
    ]),
  },
  'deletions applied without a look at the row': {
    capture: ({ capture }) => ({
      async read(limit) {
        const changes = await capture.read(limit)
        const gone = changes.filter(({ kind }) => kind === 'delete').map(({ key }) => key)
        deletions.set(capture, new Set(gone))
        return changes
      },
    }),
    rows: ({ capture, source }) => ({
      async matching(table, keys) {
        const rows = await source.rows.matching(table, keys)
        return MatchedRows.of([...rows].filter(([key]) => !deletions.get(capture)?.has(key)))
      },
    }),
  },
  'T65: a load at the newest token there is': {
    version: async ({ capture }) => {
      const { token } = await capture.lag()
      return () => token
    },
  },
  'T65: a load at a token taken after its read': {
    version: ({ database }) => Promise.resolve(() => (unitOf(database).token += 2)),
  },
  'T57: columns forgotten when the log is folded': {
    capture: ({ capture, database }) => ({
      async compact(token, limit) {
        const folded = await capture.compact(token, limit)
        const { log } = unitOf(database)
        for (const [place, row] of log)
          if (row.kind === 'update') log.set(place, { ...row, words: [2n] })
        return folded
      },
    }),
  },
  'T55: rows that cannot be written not kept': {
    capture: ({ capture }) => ({
      acknowledge: (token, changes) => capture.acknowledge(token, changes),
    }),
  },
  'T52: markers dropped by a major compaction': { cluster: { markersKeptMs: 0 } },
  'T51: rows deleted without a marker': {
    cluster: { markersKeptMs: 0 },
    sink: (sink, cluster) =>
      over(sink, {
        async write(...written) {
          const rejected = await sink.write(...written)
          cluster.compact()
          return rejected
        },
      }),
  },
  'marker and cells at one version': {
    sink: writing((mutation) =>
      mutation.kind === 'replace'
        ? [
            { ...mutation, kind: 'remove', cells: [] },
            { ...mutation, kind: 'put' },
          ]
        : [mutation],
    ),
  },
  'a NULL that leaves its cell': {
    sink: writing((mutation) => [
      { ...mutation, cells: mutation.cells.filter(({ value }) => value !== null) },
    ]),
  },
  'a replace without its markers': {
    sink: writing((mutation) =>
      mutation.kind === 'replace' ? [{ ...mutation, kind: 'put' }] : [mutation],
    ),
  },
}

/** What an attempt has seen, by its capture. */
const snapshots = new WeakMap<Capture, ReadonlyMap<KeyText, Row>>()
const deletions = new WeakMap<Capture, ReadonlySet<KeyText>>()
const promises = new WeakMap<Capture, number>()
const tokens = new Map<number, number>()
let lastPromise = 0
