import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { parseAddress } from '../../hbase/address.ts'
import { Bootstrap } from '../../hbase/bootstrap.ts'
import { Deadline } from '../../hbase/deadline.ts'
import { HBaseClient } from '../../hbase/index.ts'
import { Locator } from '../../hbase/locator.ts'
import type { ClientOptions } from '../../hbase/index.ts'
import { Pool } from '../../hbase/pool.ts'
import { startServices } from '../../services/index.ts'
import { startRelay } from './relay.ts'
import type { Relay } from './relay.ts'
import { exported } from './hfiles.ts'
import { movedFault, unbounded } from './faults.ts'
import { META, elsewhere, loopback, regionOf, trouble } from './trouble.ts'
import { bytes, createTable, put, scanAll, show, text, uniqueName } from './server.ts'

const folder = mkdtempSync(join(tmpdir(), 'longhaul-location-'))
const open = new Set<{ close(): unknown }>()
let hbase: Awaited<ReturnType<typeof startServices>>['hbase']
let zookeeper: string

beforeAll(async () => {
  const host = await loopback()
  const started = await startServices(['hbase'], {
    folder,
    log: () => {},
    hbase: { host, regionServers: 3 },
  })
  hbase = started.hbase
  zookeeper = hbase.zookeeper ?? ''
}, 180_000)

afterEach(async () => {
  for (const one of open) await one.close()
  open.clear()
})

afterAll(async () => {
  await hbase.stop()
  rmSync(folder, { recursive: true, force: true })
})

function connect(options: Partial<ClientOptions> = {}): HBaseClient {
  const given = options.zookeeper === undefined ? { endpoints: [hbase.address] } : {}
  const client = new HBaseClient({ operationTimeoutMs: 60_000, ...given, ...options })
  open.add(client)
  return client
}

async function relay(...to: Parameters<typeof startRelay>): Promise<Relay> {
  const started = await startRelay(...to)
  open.add(started)
  return started
}

describe('finding the cluster', () => {
  test('a silent or dead endpoint holds nothing up', async () => {
    const silent = await relay()
    const client = connect({ endpoints: [silent.address, '127.0.0.1:1', hbase.address] })
    const began = performance.now()
    expect(await client.version()).toMatch(/^\d/)
    expect(performance.now() - began).toBeLessThan(5000)
    expect(silent.connections()).toBe(1)
  })

  test('every server the client connects to may be behind another address', async () => {
    const plain = connect()
    const published = [hbase.address, ...(await plain.admin.servers())]
    const relays = await Promise.all(published.map((server) => relay(parseAddress(server))))
    const hosts = Object.fromEntries(
      published.map((server, i) => [server, relays[i]?.address ?? '']),
    )
    const inside = connect({ hosts })
    const table = await createTable(inside, { splits: ['b', 'c'].map(bytes) })
    await inside.mutate(
      table,
      ['a', 'b', 'c'].map((row) => put(row, 1, row)),
    )
    expect(await scanAll(inside, table)).toHaveLength(3)
    const regions = await inside.admin.regions(table)
    for (const server of [hbase.address, ...regions.map((region) => region.server)]) {
      expect(relays[published.indexOf(server)]?.connections()).toBeGreaterThan(0)
    }
  })

  test('the servers themselves say whom to ask when the endpoints are gone', async () => {
    const lent = await relay(parseAddress(hbase.address))
    const client = connect()
    const version = await client.version()
    const servers = await client.admin.servers()
    const pool = new Pool({ user: 'test', hosts: {}, callTimeoutMs: 5000 })
    open.add(pool)
    const deadline = new Deadline(20_000, new AbortController().signal)
    const bootstrap = new Bootstrap(pool, [lent.address])
    const master = await bootstrap.find('master', deadline)
    bootstrap.renew(deadline)
    // HBase 2.4 does not know the question, and its region servers answer none of this kind.
    if (version.startsWith('2.4')) {
      expect(await bootstrap.find('master', deadline)).toEqual(master)
      expect(bootstrap.endpoints).toEqual([lent.address])
      return
    }
    await vi.waitFor(() => {
      expect([...bootstrap.endpoints].sort()).toEqual([...servers, lent.address].sort())
    })
    await lent.close()
    expect(await bootstrap.find('master', deadline)).toEqual(master)
    expect(servers).toContain(bootstrap.endpoints[0])
  })

  test('ZooKeeper tells, by whichever member answers, over IPv6 too', async () => {
    const silent = await relay()
    const member = await relay(parseAddress(zookeeper), await loopback())
    const quorum = [silent.address, '127.0.0.1:1', member.address].join(',')
    const client = connect({ zookeeper: { quorum } })
    const began = performance.now()
    const table = await createTable(client)
    await client.mutate(table, [put('a', 1, 'v')])
    expect(show((await client.get(table, [bytes('a')]))[0])).toBe('q=v')
    expect(performance.now() - began).toBeLessThan(5000)
    expect(silent.connections()).toBeGreaterThan(0)
    expect(member.connections()).toBeGreaterThan(0)
  })

  test('a node that is not there is named, in time', async () => {
    const client = connect({
      zookeeper: { quorum: zookeeper, znode: '/elsewhere' },
      operationTimeoutMs: 1500,
    })
    await expect(client.version()).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: expect.stringContaining('/elsewhere/master') as string,
    })
  })
})

describe('following regions', () => {
  test('a region that moved is found by the word of its old server, without hbase:meta', async () => {
    const [client, other] = [connect(), connect()]
    const table = await createTable(client)
    await client.mutate(table, [put('a', 1, 'v')])
    const before = await regionOf(other, table, 'a')
    await other.admin.move(before, await elsewhere(other, before.server))
    const after = await regionOf(other, table, 'a')
    const send = vi.spyOn(Pool.prototype, 'send')
    expect(show((await client.get(table, [bytes('a')]))[0])).toBe('q=v')
    const asked = send.mock.calls.map(([server, , { method }]) => `${method} ${server}`)
    send.mockRestore()
    expect(asked).toEqual([`Multi ${before.server}`, `Multi ${after.server}`])
  })

  test('a bulk load goes to its region, wherever that moves', async () => {
    const client = connect()
    const other = connect()
    const from = await createTable(other)
    await other.mutate(from, [put('a', 1, 'v')])
    const files = await exported(other, from)
    const table = await createTable(other)
    const region = await regionOf(other, table, 'a')
    await expect.poll(() => other.admin.servers(), { timeout: 30_000 }).toHaveLength(3)
    // Both remember where it is; only one of them moves it.
    expect(await client.get(table, [bytes('a')])).toEqual([null])
    await other.admin.move(region, await elsewhere(other, region.server))
    const token = await client.admin.prepareBulkLoad(table)
    await client.admin.bulkLoad(region, files, { token, copyFiles: true })
    await client.admin.cleanupBulkLoad(table, token)
    expect((await scanAll(client, table)).map(show)).toEqual(['q=v'])
  })

  test('many calls on a region that is not known share a few lookups', async () => {
    const table = await createTable(connect())
    const send = vi.spyOn(Pool.prototype, 'send')
    const client = connect()
    await Promise.all(Array.from({ length: 300 }, (_, i) => client.get(table, [bytes(String(i))])))
    const lookups = send.mock.calls.filter(([, , { method }]) => method === 'Scan')
    send.mockRestore()
    expect(lookups.length).toBeGreaterThan(0)
    expect(lookups.length).toBeLessThanOrEqual(8)
  })

  test('the word of an older opening counts for nothing', async () => {
    const client = connect()
    const table = await createTable(client)
    const locate = vi.spyOn(Locator.prototype, 'locate')
    await client.mutate(table, [put('a', 1, 'v')])
    const locator = locate.mock.contexts[0] as Locator
    locate.mockRestore()
    for (const newer of [-1n, 0n, 1n]) {
      await client.get(table, [bytes('a')])
      const region = locator.known(table, bytes('a'))
      if (region === undefined) throw new Error('not known')
      const wrong = await elsewhere(client, region.server)
      locator.learn(movedFault(wrong, region.seqNum + newer), region)
      expect(locator.known(table, bytes('a'))?.server).toBe(newer > 0 ? wrong : undefined)
    }
    // What was taken for true is found out: nobody serves the region there.
    expect(show((await client.get(table, [bytes('a')]))[0])).toBe('q=v')
  })

  test('tables that share a beginning are never taken for each other', async () => {
    const client = connect()
    const name = uniqueName()
    const names = [name, `${name}_archive`, `${name}.x`, `${name}-`, `${name}0`]
    for (const table of names) await createTable(client, { name: table, splits: [bytes('m')] })
    for (const table of names) await client.mutate(table, [put('a', 1, table), put('z', 1, table)])
    for (const table of names) {
      const rows = await scanAll(connect(), table)
      expect(rows.map(show)).toEqual([`q=${table}`, `q=${table}`])
    }
    await expect(client.mutate(`${name}_`, [put('a', 1, 'v')])).rejects.toMatchObject({
      code: 'TABLE_NOT_FOUND',
    })
  })

  test('a row of another table is no answer, even if hbase:meta gave one', async () => {
    const client = connect()
    const name = uniqueName()
    await createTable(client, { name })
    await client.mutate(name, [put('a', 1, 'v')])
    const send = vi.spyOn(Pool.prototype, 'send').mockImplementation(unbounded)
    const fresh = connect()
    await expect(fresh.mutate(`${name}_`, [put('a', 1, 'lost')])).rejects.toMatchObject({
      code: 'TABLE_NOT_FOUND',
    })
    send.mockRestore()
    expect((await scanAll(client, name)).map(show)).toEqual(['q=v'])
  })

  test('a disabled table is told from one whose regions move', async () => {
    const [client, other] = [connect(), connect()]
    const table = await createTable(client, { splits: [bytes('m')] })
    await client.mutate(table, [put('a', 1, 'v'), put('z', 1, 'v')])
    const region = await regionOf(other, table, 'z')
    await other.admin.move(region, await elsewhere(other, region.server))
    await other.admin.disable(table)
    for (const row of ['a', 'z']) {
      const began = performance.now()
      await expect(client.get(table, [bytes(row)])).rejects.toMatchObject({
        code: 'TABLE_DISABLED',
      })
      expect(performance.now() - began).toBeLessThan(10_000)
    }
  })

  test('hbase:meta may move', async () => {
    const [client, other] = [connect(), connect()]
    const table = await createTable(client, { splits: ['b', 'c'].map(bytes) })
    for (const row of ['a', 'b', 'c']) {
      await client.mutate(table, [put(row, 1, row)])
      const [meta] = await other.admin.regions(META.table)
      await other.admin.move(META, await elsewhere(other, meta?.server ?? ''))
    }
    expect(await scanAll(client, table)).toHaveLength(3)
  })

  test('nothing is lost or misplaced while regions move, split and merge, hbase:meta too', async () => {
    const [client, other] = [connect({ callTimeoutMs: 5000 }), connect()]
    const table = await createTable(client, { splits: ['2', '4', '6', '8'].map(bytes) })
    const acknowledged = new Map<string, string>()
    let going = true
    const write = async (writer: number) => {
      for (let batch = 0; going; batch++) {
        const rows = Array.from({ length: 50 }, (_, i) => `${i % 10}-${writer}-${batch}-${i}`)
        const mutations = rows.map((row) => put(row, 1, row))
        expect(await client.mutate(table, mutations, { atomic: writer === 0 })).toEqual([])
        for (const row of rows) acknowledged.set(row, `q=${row}`)
      }
    }
    const read = async () => {
      for (let seen = 0; going;) {
        const known = [...acknowledged].slice(-20)
        const found = await client.get(
          table,
          known.map(([row]) => bytes(row)),
        )
        expect(found.map(show)).toEqual(known.map(([, value]) => value))
        const before = acknowledged.size
        const scanned = (await scanAll(client, table, { pageBytes: 20_000 })).length
        expect(scanned).toBeGreaterThanOrEqual(Math.max(seen, before))
        seen = scanned
      }
    }
    const users = Promise.all([write(0), write(1), read()])
    // A failure below must not leave them running, and theirs is told by the await at the end.
    users.catch(() => {
      going = false
    })
    const done = { move: 0, split: 0, merge: 0, meta: 0 }
    try {
      for (let round = 0; round < 6; round++) await trouble(other, table, round, done)
    } finally {
      going = false
      await users
    }
    for (const count of Object.values(done)) expect(count).toBeGreaterThan(0)
    const stored = await scanAll(connect(), table)
    expect(new Map(stored.map((row) => [text(row.row), show(row)]))).toEqual(
      new Map([...acknowledged].sort()),
    )
  }, 120_000)
})
