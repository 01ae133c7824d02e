// Rows as both clients write them, and what is asked of HBase about them.
import { KeyType } from '../../hbase/index.ts'
import type { HBaseClient, Mutation } from '../../hbase/index.ts'
import { result } from '../hbase-rpc-client/index.ts'
import type { OldPackage, OldRow } from '../hbase-rpc-client/index.ts'
import type { OldSide, OurSide, Site } from './case.ts'

type Bytes = string | Buffer

export const FAMILY = 'd'
const QUALIFIER = 'q'
/** Of everything our client writes here; the package lets the server choose. */
const TIME = 1_700_000_000_000

export const ourPut = (row: Bytes, value: Bytes = 'v', family = FAMILY): Mutation => ({
  row: Buffer.from(row),
  cells: [
    {
      type: KeyType.put,
      family: Buffer.from(family),
      qualifier: Buffer.from(QUALIFIER),
      timestamp: TIME,
      value: Buffer.from(value),
    },
  ],
})

export function oldPut(hb: OldPackage, row: Bytes, value: Bytes = 'v', family = FAMILY) {
  const put = new hb.Put(row)
  put.add(family, QUALIFIER, value)
  return put
}

/** Writes one row; returns 'written' or throws. */
export async function writeOld(
  { hb, client, table }: Pick<OldSide, 'hb' | 'client' | 'table'>,
  row: Bytes,
): Promise<string> {
  await result((done) => {
    client.put(table, oldPut(hb, row), done)
  })
  return 'written'
}

export async function writeOurs(
  { client, table }: Pick<OurSide, 'client' | 'table'>,
  row: Bytes,
): Promise<string> {
  const [failure] = await client.mutate(table, [ourPut(row)])
  if (failure !== undefined) throw failure.error
  return 'written'
}

export const scanOld = async ({
  client,
  table,
}: Pick<OldSide, 'client' | 'table'>): Promise<OldRow[]> =>
  (await result<OldRow[]>((done) => {
    client.getScanner(table).toArray(done)
  })) ?? []

export async function countOurs(client: HBaseClient, table: string): Promise<number> {
  let rows = 0
  for await (const page of client.scan(table)) rows += page.length
  return rows
}

/** What HBase's own client finds: the rows, in order. */
export async function storedRows({ witness, table }: Site): Promise<string[]> {
  const rows = new Set<string>()
  for await (const { row } of witness.dump(table)) rows.add(Buffer.from(row, 'hex').toString())
  return [...rows]
}

/** A table of one family. */
export const make = async (site: Site, splits: readonly Bytes[] = []): Promise<void> =>
  makeTable(site, site.table, splits)

export const makeTable = async (
  { admin }: Site,
  name: string,
  splits: readonly Bytes[] = [],
): Promise<void> =>
  admin.createTable(
    { name, families: [{ name: FAMILY, attributes: { VERSIONS: '3' } }], attributes: {} },
    splits.map((key) => Buffer.from(key)),
  )

export async function fill(site: Site, rows: readonly Mutation[]): Promise<void> {
  const failures = await site.client.mutate(site.table, rows)
  if (failures.length > 0) throw new Error('The rows of a case could not be written.')
}

/** Moves the region that holds the row to a server, unless it is there; returns the server. */
export async function moveRegion(
  { admin, table }: Site,
  row: Uint8Array,
  server: string,
): Promise<string> {
  const regions = await admin.regions(table)
  const region = regions.findLast(({ start }) => Buffer.compare(start, row) <= 0)
  if (region !== undefined && region.server !== server) await admin.move(region, server)
  return server
}

export const numbered = (count: number, value: Bytes = 'v'): Mutation[] =>
  Array.from({ length: count }, (_, i) => ourPut(`r${String(i).padStart(5, '0')}`, value))

export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms))

/** The text of an error, or 'written' when there was none. */
export const attempt = (work: () => Promise<string>): Promise<string> =>
  work().catch((error: unknown) => (error instanceof Error ? error.message : String(error)))
