// Tables of ordinary shapes on servers that do nothing special.
import { KeyType } from '../../hbase/index.ts'
import { result } from '../hbase-rpc-client/index.ts'
import type { OldRow, OldScanner } from '../hbase-rpc-client/index.ts'
import type { Case, OldSide, Site } from './case.ts'
import {
  attempt,
  countOurs,
  FAMILY,
  fill,
  make,
  makeTable,
  moveRegion,
  numbered,
  oldPut,
  ourPut,
  pause,
  scanOld,
  storedRows,
  writeOld,
  writeOurs,
} from './rows.ts'

/** A table, filled; both clients count its rows. */
const scanned = (
  title: string,
  rows: number,
  prepare: NonNullable<Case['prepare']>,
  more: Partial<Case> = {},
): Case => ({
  title,
  expected: `${rows} rows`,
  prepare,
  old: async (side) => `${(await scanOld(side)).length} rows and no error`,
  ours: async ({ client, table }) => `${await countOurs(client, table)} rows`,
  right: new RegExp(`^${rows} rows`),
  ...more,
})

const DIGITS = ['1', '2', '3', '4', '5']
const HIGH = [Buffer.from([0x80]), Buffer.from([0xc0])]

export const DATA: readonly Case[] = [
  scanned('A table of 1,000 rows in one region is scanned', 1000, async (site) => {
    await make(site)
    await fill(site, numbered(1000))
  }),
  scanned(
    'The same, by a reader that takes 2 ms for a row',
    1000,
    async (site) => {
      await make(site)
      await fill(site, numbered(1000))
    },
    {
      old: async (side) => `${await slowly(side)} rows and no error`,
      ours: async ({ client, table }) => {
        let rows = 0
        for await (const page of client.scan(table)) {
          for (let i = 0; i < page.length; i++) await pause(2)
          rows += page.length
        }
        return `${rows} rows`
      },
    },
  ),
  scanned('60 rows in 6 regions that split at 1 … 5 are scanned', 60, async (site) => {
    await make(site, DIGITS)
    await fill(
      site,
      ['0', ...DIGITS].flatMap((digit) =>
        Array.from({ length: 10 }, (_, i) => ourPut(`${digit}-${i}`)),
      ),
    )
  }),
  scanned('3 rows in regions that split at 80 and c0 are scanned', 3, async (site) => {
    await make(site, HIGH)
    await fill(
      site,
      [0x10, 0x90, 0xf0].map((first) => ourPut(Buffer.from([first, 0xff]))),
    )
  }),
  scanned('200 rows of 50 kB from a server that sends 1 MB at a time', 200, async (site) => {
    await make(site)
    await moveRegion(site, Buffer.from('a'), site.second)
    await fill(site, numbered(200, Buffer.alloc(50_000, 65)))
  }),
  {
    title: 'A row with the qualifiers 80 and 81 is read',
    expected: '2 columns',
    prepare: async (site) => {
      await make(site)
      const [cell] = ourPut('a').cells
      if (cell === undefined) return
      const cells = [0x80, 0x81].map((byte) => ({ ...cell, qualifier: Buffer.from([byte]) }))
      await fill(site, [{ row: Buffer.from('a'), cells }])
    },
    old: async ({ hb, client, table }) => {
      const row = await result<OldRow | null>((done) => {
        client.get(table, new hb.Get('a'), done)
      })
      return plural(Object.keys(row?.cols ?? {}).length)
    },
    ours: async ({ client, table }) => {
      const [row] = await client.get(table, [Buffer.from('a')])
      return plural(new Set(row?.cells.map(({ qualifier }) => qualifier.join())).size)
    },
  },
  {
    title: 'Versions of times 5 and 10 are there; those up to 5 are deleted',
    expected: 'time 10 is left',
    prepare: async (site) => {
      await make(site)
      const [cell] = ourPut('a').cells
      if (cell === undefined) return
      const cells = [5, 10].map((timestamp) => ({ ...cell, timestamp }))
      await fill(site, [{ row: Buffer.from('a'), cells }])
    },
    events: {
      look: async ({ witness, table }) => {
        const times: number[] = []
        for await (const { timestamp } of witness.dump(table)) times.push(timestamp)
        return times.length === 0 ? 'nothing is left' : `time ${times.join(', ')} is left`
      },
    },
    old: async ({ hb, client, table, ask }) => {
      await result((done) => {
        client.delete(table, new hb.Delete('a', 5), done)
      })
      return ask('look')
    },
    ours: async ({ client, table, ask }) => {
      const [cell] = ourPut('a', '').cells
      if (cell === undefined) return ''
      const marker = {
        ...cell,
        type: KeyType.deleteFamily,
        qualifier: Buffer.alloc(0),
        timestamp: 5,
      }
      const mutation = { row: Buffer.from('a'), cells: [marker] }
      await client.mutate(table, [mutation], { atomic: true })
      return ask('look')
    },
  },
  {
    title: 'A delete and a put of one row, visible together',
    expected: 'done',
    prepare: (site) => make(site),
    old: async ({ hb, client, table }) => {
      await result((done) => {
        client.mutateRow(table, [new hb.Delete('a'), oldPut(hb, 'a')], done)
      })
      return 'done'
    },
    ours: async ({ client, table }) => {
      const [put] = ourPut('a').cells
      if (put === undefined) return ''
      const marker = {
        ...put,
        type: KeyType.deleteFamily,
        qualifier: Buffer.alloc(0),
        timestamp: put.timestamp - 1,
        value: Buffer.alloc(0),
      }
      await client.mutate(table, [{ row: Buffer.from('a'), cells: [marker, put] }], {
        atomic: true,
      })
      return 'done'
    },
  },
  refused('One of three rows has an unknown family', () => ({ value: 'v', family: 'nowhere' })),
  refused('One of three rows has a cell of 11 MB', () => ({
    value: Buffer.alloc(11 << 20),
    family: FAMILY,
  })),
  {
    title: 'A put into a table that does not exist',
    expected: 'an error that says so',
    right: /does not exist|TableNotFound|table .* not found/,
    old: (side) => writeOld(side, 'a'),
    ours: (side) => writeOurs(side, 'a'),
  },
  {
    title: 'A put into `orders` while there is an `orders_archive`',
    expected: 'written',
    prepare: async (site) => {
      await make(site)
      await makeTable(site, `${site.table}_archive`)
    },
    old: (side) => writeOld(side, 'a'),
    ours: (side) => writeOurs(side, 'a'),
  },
  {
    title: 'Tables are written to while they are created (5 times)',
    expected: 'written',
    right: /^written$/,
    seconds: 120,
    events: Object.fromEntries(
      [0, 1, 2, 3, 4].map((round) => [
        String(round),
        async (site) => {
          const splits = Array.from({ length: 60 }, (_, i) => `B${String(100 + i)}`)
          makeTable(site, `${site.table}_${round}`, splits).catch(() => {})
          await appearing(site, `${site.table}_${round}`)
          return ''
        },
      ]),
    ),
    old: async (side) =>
      whileCreated(side, (table) => writeOld({ ...side, client: side.fresh(), table }, 'B150')),
    ours: async (side) =>
      whileCreated(side, (table) => writeOurs({ client: side.fresh(), table }, 'B150')),
  },
]

/** Three rows in one call, the middle one refused by HBase. */
function refused(
  title: string,
  middle: () => { readonly value: string | Buffer; readonly family: string },
): Case {
  return {
    title,
    expected: 'b is refused, a and c are stored',
    prepare: (site) => make(site),
    events: {
      stored: async (site) => {
        const rows = await storedRows(site)
        return rows.length === 0 ? 'nothing is stored' : `${rows.join(' and ')} are stored`
      },
    },
    old: async ({ hb, client, table, ask }) => {
      const { value, family } = middle()
      const puts = [oldPut(hb, 'a'), oldPut(hb, 'b', value, family), oldPut(hb, 'c')]
      const said = await attempt(async () => {
        const outcome = await result<unknown[]>((done) => {
          client.mput(table, puts, done)
        })
        return `${outcome?.length ?? 0} results and no error`
      })
      return `${said}, ${await ask('stored')}`
    },
    ours: async ({ client, table, ask }) => {
      const { value, family } = middle()
      const puts = [ourPut('a'), ourPut('b', value, family), ourPut('c')]
      const failures = await client.mutate(table, puts)
      const names = failures.map(({ index }) => ['a', 'b', 'c'][index]).join(' and ')
      return `${names} is refused, ${await ask('stored')}`
    },
  }
}

/** Waits until hbase:meta lists the table, most of whose regions have no server yet. */
async function appearing({ client }: Site, table: string): Promise<void> {
  for (;;) {
    const regions = await client.regions(table).catch(() => [])
    if (regions.length > 0) return
    await pause(5)
  }
}

async function whileCreated(
  { table, ask }: Pick<OldSide, 'table' | 'ask'>,
  write: (table: string) => Promise<string>,
): Promise<string> {
  const outcomes = new Set<string>()
  for (let round = 0; round < 5; round++) {
    await ask(String(round))
    outcomes.add(await attempt(() => write(`${table}_${round}`)))
  }
  return [...outcomes].join(', ')
}

const plural = (count: number): string => `${count} column${count === 1 ? '' : 's'}`

function slowly({ client, table }: OldSide): Promise<number> {
  const scanner: OldScanner = client.getScanner(table)
  let rows = 0
  return new Promise((resolve, reject) => {
    scanner.each(
      (_error, _row, next) => {
        rows++
        setTimeout(next, 2)
      },
      (error) => {
        if (error) reject(error instanceof Error ? error : new Error('the scan failed'))
        else resolve(rows)
      },
    )
  })
}
