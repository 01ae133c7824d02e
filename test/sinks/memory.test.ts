import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MemoryCluster, memoryCluster } from '../../sinks/memory/cluster.ts'
import { memory } from '../../sinks/memory/index.ts'
import { MemorySink } from '../../sinks/memory/sink.ts'
import { MemoryTable } from '../../sinks/memory/table.ts'
import { collect, put, remove, replace, shown, update } from '../contracts/rows.ts'
import { sinkContract } from '../contracts/sink.ts'
import { mutation, visible } from '../contracts/versions.ts'

sinkContract('memory', () => {
  const cluster = new MemoryCluster({ maxCellBytes: 40_000 })
  return Promise.resolve({
    sink: new MemorySink(cluster),
    maxCellBytes: 40_000,
    runs: 500,
    foreign: (name, families, row) => {
      const table = new MemoryTable(families, null)
      if (row !== null) table.apply(put(row, 10, { [`${families[0] as string}:a`]: 'x' }))
      cluster.tables.set(name, table)
      return Promise.resolve()
    },
    close: () => Promise.resolve(),
  })
})

const DAY = 86_400_000

/** A cluster with one table, at a time that the test sets. */
async function clusterAt(now: number, markersKeptMs?: number) {
  const cluster = new MemoryCluster({
    now: () => now,
    ...(markersKeptMs === undefined ? {} : { markersKeptMs }),
  })
  const sink = new MemorySink(cluster)
  await sink.prepare({ table: 't', families: ['f', 'g'], owner: 'shop', splits: [] })
  const write = (...mutations: Parameters<typeof sink.write>[1]) =>
    sink.write('t', mutations, { atomic: true })
  return { cluster, sink, write, dump: () => cluster.dump('t') }
}

test('sees what HBase shows, also where versions meet and compactions come in between', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(mutation, { maxLength: 20 }),
      fc.infiniteStream(fc.boolean()),
      async (mutations, compacts) => {
        const { cluster, sink, write } = await clusterAt(1_700_000_000_000)
        for (const next of mutations) {
          await write(next)
          if (compacts.next().value) cluster.compact()
        }
        const stored = await collect(sink.scan('t', { from: null, to: null }))
        expect(shown(stored)).toEqual(visible(mutations))
      },
    ),
    { numRuns: 1000 },
  )
})

// T52
describe('a major compaction', () => {
  test('keeps markers as long as HBase was told to', async () => {
    const { cluster, write, dump } = await clusterAt(DAY + 100)
    await write(remove('a', 100), replace('b', 101, { 'f:a': '1' }))
    await write(update('c', 100, { 'f:a': null }))
    cluster.compact()
    const late = { 'f:a': 'late', 'f:b': 'late' }
    await write(put('a', 99, late), put('b', 99, late), put('c', 99, { 'f:a': 'late' }))
    expect(dump()).toEqual(['"b" f:a@101 = "1"'])
  })

  test('purges them afterwards, and a late write brings a removed row back', async () => {
    const { cluster, write, dump } = await clusterAt(DAY + 100)
    await write(remove('a', 100), update('b', 100, { 'f:a': null }))
    cluster.now = () => DAY + 101
    cluster.compact()
    await write(put('a', 99, { 'f:a': 'late' }), put('b', 99, { 'f:a': 'late' }))
    expect(dump()).toEqual(['"a" f:a@99 = "late"', '"b" f:a@99 = "late"'])
  })

  test('purges them at once where no retention is set', async () => {
    const { cluster, write, dump } = await clusterAt(100, 0)
    await write(remove('a', 100), replace('b', 101, { 'f:a': '1' }))
    await write(update('c', 100, { 'f:a': null }))
    cluster.compact()
    const late = { 'f:a': 'late', 'f:b': 'late' }
    await write(put('a', 99, late), put('b', 99, late), put('c', 99, { 'f:a': 'late' }))
    expect(dump()).toEqual([
      '"a" f:a@99 = "late"',
      '"a" f:b@99 = "late"',
      '"b" f:a@101 = "1"',
      '"b" f:b@99 = "late"',
      '"c" f:a@99 = "late"',
    ])
  })

  test('brings nothing back that markers had hidden', async () => {
    const { cluster, write, dump } = await clusterAt(100, 0)
    await write(put('a', 10, { 'f:a': '1', 'f:b': '2' }), put('b', 10, { 'f:a': '1' }))
    await write(update('a', 12, { 'f:a': null }), remove('b', 12))
    cluster.compact()
    expect(dump()).toEqual(['"a" f:b@10 = "2"'])
  })
})

test('sinks that name the same cluster see the same tables', async () => {
  const options = memory.options.parse({ store: 'memory', cluster: 'shared' })
  const [one, two] = await Promise.all([memory.open(options), memory.open(options)])
  await one.prepare({ table: 't', families: ['f'], owner: 'shop', splits: [] })
  await one.close()
  expect(await two.drop('t', 'shop')).toBe(true)
  expect(memoryCluster('shared').tables.size).toBe(0)
})

test('its options are refused by name', () => {
  expect(() => memory.options.parse({ store: 'memory', clustre: 'x' })).toThrow(/clustre/)
})
