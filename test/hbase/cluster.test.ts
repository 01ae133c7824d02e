import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { HBaseClient } from '../../hbase/index.ts'
import { startCluster } from '../../services/index.ts'
import type { Cluster } from '../../services/index.ts'
import { runOnce } from '../faults/run.ts'
import { createTable, put, scanAll } from './server.ts'
import { openSlowLane } from './slow-lane.ts'

const folder = mkdtempSync(join(tmpdir(), 'longhaul-cluster-'))
let cluster: Cluster

beforeAll(async () => {
  cluster = await startCluster({ variant: 'servers', folder, log: () => undefined })
}, 300_000)

afterAll(async () => {
  await cluster.stop()
  rmSync(folder, { recursive: true, force: true })
})

// 'servers' keeps its files where a stopped server would lose rows by itself, so the way to it is
// made silent instead.
test('a server that went silent does not keep rows of the others from being acknowledged', async () => {
  const silent = cluster.addressOf('server-2')
  const lane = await openSlowLane(silent)
  const client = new HBaseClient({
    endpoints: [cluster.addressOf('master')],
    hosts: { [silent]: lane.address },
  })
  try {
    const splits = ['2', '4', '6', '8', 'a', 'c']
    const table = await createTable(client, { splits: splits.map((key) => Buffer.from(key)) })
    const places = await placesOn(client, table)
    const waiting: Promise<unknown>[] = []
    lane.silence()
    // More than what may be under way to one server, plain and atomic: queues form behind it.
    for (let i = 0; i < 40; i++) {
      const rows = places.silent.map((key) => put(`${key}${i}`, 1000, 'v'))
      waiting.push(client.mutate(table, rows, { atomic: i % 2 === 0 }))
    }
    const everywhere = [...places.silent, ...places.others]
    const mixed = everywhere.map((key) => put(`${key}mixed`, 1000, 'v'))
    waiting.push(client.mutate(table, mixed))
    // A fraction of what a call may stay unanswered.
    const deadlineMs = 8_000
    for (let i = 0; i < 100; i++) {
      const rows = places.others.map((key) => put(`${key}${i}`, 1000, 'v'))
      expect(await client.mutate(table, rows, { atomic: i % 2 === 0, deadlineMs })).toEqual([])
    }
    const written = await client.get(
      table,
      places.others.map((key) => Buffer.from(`${key}mixed`)),
    )
    expect(written).not.toContain(null)
    lane.resume()
    await Promise.all(waiting)
    const expected = 41 * places.silent.length + 101 * places.others.length
    expect(await scanAll(client, table)).toHaveLength(expected)
  } finally {
    await client.close()
    lane.close()
  }

  /** One key of every region: those on the server that goes silent, and the rest. */
  async function placesOn(client: HBaseClient, table: string) {
    const [meta] = await client.admin.regions('hbase:meta')
    const other = cluster.addressOf('server-1')
    if (meta?.server === silent) await client.admin.move(meta, other)
    const regions = await client.admin.regions(table)
    for (const [i, region] of regions.entries()) {
      const server = i < 2 ? silent : other
      if (region.server !== server) await client.admin.move(region, server)
    }
    const keys = regions.map(({ start }) => Buffer.from(start).toString() || '0')
    return { silent: keys.slice(0, 2), others: keys.slice(2) }
  }
}, 60_000)

// The short form of `npm run test:faults`.
test('nothing is lost, added or misplaced while regions move and a region server is killed', async () => {
  const report = await runOnce({ seed: 1, mutations: 20_000, cluster, log: () => undefined })
  expect(report.wrong).toEqual([])
  expect(report.verdict).toMatchObject({ lost: 0, extra: 0, misplaced: 0 })
  expect(report.writes.acknowledged).toBeGreaterThanOrEqual(20_000)
  expect(report.schedule).toMatchObject({ kills: 1, masterRestarts: 1 })
  expect(report.disturbances.moves).toBeGreaterThan(0)
}, 300_000)
