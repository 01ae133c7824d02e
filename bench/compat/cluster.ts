// What happens in every cluster now and then: regions move and split, servers die.
import { result } from '../hbase-rpc-client/index.ts'
import type { OldRow } from '../hbase-rpc-client/index.ts'
import type { Case, Site } from './case.ts'
import {
  attempt,
  countOurs,
  fill,
  make,
  moveRegion,
  numbered,
  ourPut,
  pause,
  scanOld,
  writeOld,
  writeOurs,
} from './rows.ts'

const ROW = Buffer.from('a')

/** How long a client is given to find a region again. */
const SEARCH_MS = 20_000

const split = async ({ admin, table }: Site): Promise<string> => {
  await admin.split(table, Buffer.from('r00025'))
  return ''
}

const MOVED: Pick<Case, 'prepare' | 'events' | 'seconds'> = {
  prepare: async (site) => {
    await make(site)
    await moveRegion(site, ROW, site.first)
  },
  events: { move: (site) => moveRegion(site, ROW, site.second) },
  seconds: 60,
}

const SPLIT: Pick<Case, 'prepare' | 'events' | 'seconds'> = {
  prepare: async (site) => {
    await make(site)
    await fill(site, numbered(50))
  },
  events: { split },
  seconds: 60,
}

/** On the server that is about to die. */
const KILLED: Pick<Case, 'prepare' | 'events' | 'seconds' | 'kills' | 'expected'> = {
  expected: 'written',
  prepare: async (site) => {
    await make(site)
    await moveRegion(site, ROW, site.second)
  },
  events: {
    kill: async (site) => {
      await site.signalSecond('SIGKILL')
      return ''
    },
    stop: async (site) => {
      await site.signalSecond('SIGSTOP')
      return ''
    },
  },
  seconds: 90,
  kills: true,
}

const ASKED = ['a', 'z', 'b']

export const CLUSTER: readonly Case[] = [
  {
    title: 'A region moves to another server, then a row of it is put',
    expected: 'written',
    ...MOVED,
    old: async (side) => {
      await writeOld(side, 'a')
      await side.ask('move')
      return again(() => writeOld(side, 'a'))
    },
    ours: async (side) => {
      await writeOurs(side, 'a')
      await side.ask('move')
      return again(() => writeOurs(side, 'a'))
    },
  },
  {
    title: 'A region splits, then a row of it is put',
    expected: 'written',
    ...SPLIT,
    old: async (side) => {
      await writeOld(side, 'r00001')
      await side.ask('split')
      return again(() => writeOld(side, 'r00040'))
    },
    ours: async (side) => {
      await writeOurs(side, 'r00001')
      await side.ask('split')
      return again(() => writeOurs(side, 'r00040'))
    },
  },
  {
    title: 'A region has split; a new client puts one row',
    expected: 'written',
    ...SPLIT,
    old: async (side) => {
      await side.ask('split')
      return writeOld(side, 'r00040')
    },
    ours: async (side) => {
      await side.ask('split')
      return writeOurs(side, 'r00040')
    },
  },
  {
    title: 'A region has split; a new client scans its 50 rows',
    expected: '50 rows',
    ...SPLIT,
    old: async (side) => {
      await side.ask('split')
      return `${(await scanOld(side)).length} rows`
    },
    ours: async (side) => {
      await side.ask('split')
      return `${await countOurs(side.client, side.table)} rows`
    },
  },
  {
    title: 'The rows a, z, b of two servers are read by one call, 30 times',
    expected: '30 of 30 in the order asked',
    prepare: async (site) => {
      await make(site, ['m'])
      await moveRegion(site, ROW, site.first)
      await moveRegion(site, Buffer.from('z'), site.second)
      await fill(
        site,
        ASKED.map((row) => ourPut(row)),
      )
    },
    old: async ({ client, table }) =>
      inOrder(async () => {
        const rows = await result<(OldRow | null)[]>((done) => {
          client.mget(table, ASKED, done)
        })
        return (rows ?? []).map((row) => row?.row.toString())
      }),
    ours: async ({ client, table }) =>
      inOrder(async () => {
        const rows = await client.get(
          table,
          ASKED.map((row) => Buffer.from(row)),
        )
        return rows.map((row) => (row === null ? undefined : Buffer.from(row.row).toString()))
      }),
  },
  {
    title: 'A region server is killed, then a row of it is put',
    ...KILLED,
    old: async (side) => {
      await writeOld(side, 'a')
      await side.ask('kill')
      return writeOld(side, 'a')
    },
    ours: async (side) => {
      await writeOurs(side, 'a')
      await side.ask('kill')
      return writeOurs(side, 'a')
    },
  },
  {
    title: 'A region server is killed, then a new client puts a row of it',
    ...KILLED,
    old: async (side) => {
      await side.ask('kill')
      return writeOld({ ...side, client: side.fresh() }, 'a')
    },
    ours: async (side) => {
      await side.ask('kill')
      return writeOurs({ ...side, client: side.fresh() }, 'a')
    },
  },
  {
    title: 'A region server is killed while a put is under way',
    ...KILLED,
    old: async (side) => {
      await writeOld(side, 'a')
      await side.ask('stop')
      const put = attempt(() => writeOld(side, 'a'))
      await pause(300)
      await side.ask('kill')
      return put
    },
    ours: async (side) => {
      await writeOurs(side, 'a')
      await side.ask('stop')
      const put = attempt(() => writeOurs(side, 'a'))
      await pause(300)
      await side.ask('kill')
      return put
    },
  },
]

/** Tries until it works; else what it says in the end. */
async function again(work: () => Promise<string>): Promise<string> {
  const end = performance.now() + SEARCH_MS
  for (;;) {
    const outcome = await attempt(work)
    if (outcome === 'written') return outcome
    if (performance.now() > end) return `${outcome}, still after ${SEARCH_MS / 1000} s`
    await pause(1000)
  }
}

async function inOrder(read: () => Promise<(string | undefined)[]>): Promise<string> {
  const others = new Set<string>()
  let right = 0
  for (let i = 0; i < 30; i++) {
    const rows = (await read()).join()
    if (rows === ASKED.join()) right++
    else others.add(rows)
  }
  const also = others.size === 0 ? '' : `, else ${[...others].join(' or ')}`
  return `${right} of 30 in the order asked${also}`
}
