import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { copyRows } from '../../activities/copy-rows.ts'
import { Stations } from '../../activities/stations.ts'
import type { Station } from '../../model/stations.ts'
import { MemoryCluster } from '../../sinks/memory/cluster.ts'
import { MemorySink } from '../../sinks/memory/sink.ts'
import { MemoryDatabase } from '../explore/database.ts'
import { MemorySource, atOnce, type Run } from '../explore/source.ts'
import { MAPPING, PROJECT, SEAL, TABLE, TRANSFORM } from '../explore/table.ts'

const ROWS = 20
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Writes nothing until it is let. */
class HeldSink extends MemorySink {
  let: () => void = () => undefined
  private readonly free = new Promise<void>((resolve) => {
    this.let = resolve
  })

  override async write(...call: Parameters<MemorySink['write']>): ReturnType<MemorySink['write']> {
    await this.free
    return super.write(...call)
  }
}

test('a load reads no further while two pages wait to be written, and knows what it waits for', async () => {
  const database = new MemoryDatabase('append')
  database.create(TABLE)
  const transaction = database.begin()
  for (let id = 1; id <= ROWS; id++)
    transaction.insert(database.table(TABLE.name), [bytes(String(id)), bytes('a'), null])
  transaction.commit()
  let pages = 0
  let read: () => void = () => undefined
  const readable = new Promise<void>((resolve) => {
    read = resolve
  })
  const counted: Run = async (what, work, ready) => {
    if (what.startsWith('reads a page')) {
      pages++
      await readable
    }
    return atOnce(what, work, ready)
  }
  const sizes = { page: 1, matched: 1, acknowledged: 1, compacted: 1 }
  const source = new MemorySource(database, counted, sizes)
  const cluster = new MemoryCluster()
  const sink = new HeldSink(cluster)
  await sink.prepare({ table: MAPPING.target, families: ['f'], owner: PROJECT, splits: [] })
  const stations = new Stations()
  let written = 0
  const copying = copyRows({
    route: {
      source,
      sink,
      table: TABLE,
      transform: TRANSFORM,
      seal: SEAL,
      unchanged: () => Promise.resolve(),
    },
    bury: () => Promise.resolve(),
    after: null,
    upTo: null,
    version: 1000,
    pause: () => Promise.resolve(),
    stations,
    signal: new AbortController().signal,
    reached: () => Promise.resolve(),
    written: (_key, rows) => {
      written += rows
    },
  })
  await sleep(20)
  const waitsFor = (): Station | null => stations.at(null)
  expect(waitsFor()).toBe('source')
  read()
  await sleep(50)
  expect(waitsFor()).toBe('hbase')
  // two wait, and the one behind them is at hand
  expect([pages, written]).toEqual([3, 0])
  sink.let()
  await copying
  expect(written).toBe(ROWS)
})
