// Nothing moves, nothing fails: what a first look at a client tries.
import { KeyType } from '../../hbase/index.ts'
import { result } from '../hbase-rpc-client/index.ts'
import type { OldClient, OldRow } from '../hbase-rpc-client/index.ts'
import type { Case } from './case.ts'
import {
  countOurs,
  FAMILY,
  fill,
  make,
  numbered,
  oldPut,
  ourPut,
  scanOld,
  storedRows,
  writeOld,
  writeOurs,
} from './rows.ts'

const valueOf = (row: OldRow | null | undefined): string =>
  row?.cols[`${FAMILY}:q`]?.value.toString() ?? 'nothing'

const BINARY = [Buffer.from([0x10]), Buffer.from([0x90, 0xff]), Buffer.from([0xf0, 0x80])]
const KEYS = Array.from({ length: 1000 }, (_, i) => `k${String(i).padStart(4, '0')}`)

export const CALM: readonly Case[] = [
  {
    title: 'One row is put, then read',
    expected: 'v',
    prepare: (site) => make(site),
    old: async (side) => {
      await writeOld(side, 'a')
      return valueOf(await read(side.client, side.table, new side.hb.Get('a')))
    },
    ours: async (side) => {
      await writeOurs(side, 'a')
      const [row] = await side.client.get(side.table, [Buffer.from('a')])
      return Buffer.from(row?.cells[0]?.value ?? []).toString()
    },
  },
  {
    title: 'One row is put, deleted, then read',
    expected: 'nothing',
    prepare: (site) => make(site),
    old: async (side) => {
      await writeOld(side, 'a')
      await result((done) => {
        side.client.delete(side.table, new side.hb.Delete('a'), done)
      })
      return valueOf(await read(side.client, side.table, new side.hb.Get('a')))
    },
    ours: async (side) => {
      await writeOurs(side, 'a')
      const [put] = ourPut('a').cells
      if (put === undefined) return ''
      const marker = {
        ...put,
        type: KeyType.deleteFamily,
        qualifier: Buffer.alloc(0),
        value: Buffer.alloc(0),
      }
      await side.client.mutate(side.table, [{ row: Buffer.from('a'), cells: [marker] }], {
        atomic: true,
      })
      const [row] = await side.client.get(side.table, [Buffer.from('a')])
      return row === null ? 'nothing' : 'a row'
    },
  },
  {
    title: '1,000 rows in one call, then counted by HBase’s own client',
    expected: '1000 rows',
    prepare: (site) => make(site, ['k0200', 'k0400', 'k0600', 'k0800']),
    events: { count: async (site) => `${(await storedRows(site)).length} rows` },
    old: async ({ hb, client, table, ask }) => {
      const puts = KEYS.map((key) => oldPut(hb, key))
      await result((done) => {
        client.mput(table, puts, done)
      })
      return ask('count')
    },
    ours: async ({ client, table, ask }) => {
      const puts = KEYS.map((key) => ourPut(key))
      await client.mutate(table, puts)
      return ask('count')
    },
  },
  {
    title: 'Rows with binary keys, in regions that split at 80 and c0',
    expected: '3 written, 3 read',
    prepare: (site) => make(site, [Buffer.from([0x80]), Buffer.from([0xc0])]),
    old: async ({ hb, client, table }) => {
      const puts = BINARY.map((key) => oldPut(hb, key))
      await result((done) => {
        client.mput(table, puts, done)
      })
      const rows = await result<(OldRow | null)[]>((done) => {
        client.mget(table, BINARY, done)
      })
      return `3 written, ${found(rows ?? [])} read`
    },
    ours: async ({ client, table }) => {
      const failures = await client.mutate(
        table,
        BINARY.map((key) => ourPut(key)),
      )
      const rows = await client.get(table, BINARY)
      return `${3 - failures.length} written, ${found(rows)} read`
    },
  },
  {
    title: 'A table of 50 rows in one region is scanned',
    expected: '50 rows',
    prepare: async (site) => {
      await make(site)
      await fill(site, numbered(50))
    },
    old: async (side) => `${(await scanOld(side)).length} rows`,
    ours: async ({ client, table }) => `${await countOurs(client, table)} rows`,
  },
]

const found = (rows: readonly unknown[]): number => rows.filter((row) => row !== null).length

const read = (client: OldClient, table: string, get: object) =>
  result<OldRow | null>((done) => {
    client.get(table, get, done)
  })
