import { afterAll, inject } from 'vitest'
import { HBaseClient, KeyType } from '../../hbase/index.ts'
import type { Cell, ClientOptions, Mutation, Result, ScanOptions } from '../../hbase/index.ts'

/** How that server wants its clients, where it is not a plain one: `npm run test:secure` says so. */
const PROTECTION = JSON.parse(process.env['LONGHAUL_TEST_CLIENT'] ?? '{}') as Partial<ClientOptions>

/** A client of the real server the tests share; closed after the file. */
export function openClient(options: Partial<ClientOptions> = {}): HBaseClient {
  const client = new HBaseClient({ endpoints: [inject('hbase')], ...PROTECTION, ...options })
  afterAll(() => client.close())
  return client
}

let tables = 0

/** A name no other test uses. */
export const uniqueName = (prefix = 't'): string =>
  `${prefix}_${process.pid}_${Date.now().toString(36)}_${++tables}`

export const bytes = (text: string): Buffer => Buffer.from(text)

/** Creates a table with the family d (one version) and returns its name. */
export async function createTable(
  client: HBaseClient,
  { name = uniqueName(), splits = [], configuration = {}, versions = 1 }: TableShape = {},
): Promise<string> {
  const family = { name: 'd', attributes: { VERSIONS: String(versions) }, configuration }
  await client.admin.createTable({ name, families: [family], attributes: {} }, splits)
  return name
}

interface TableShape {
  readonly name?: string
  readonly splits?: readonly Uint8Array[]
  readonly configuration?: Readonly<Record<string, string>>
  readonly versions?: number
}

export const cell = (qualifier: string, timestamp: number, value: string | Buffer): Cell => ({
  type: KeyType.put,
  family: bytes('d'),
  qualifier: bytes(qualifier),
  timestamp,
  value: Buffer.from(value),
})

export const marker = (type: number, timestamp: number, qualifier = ''): Cell => ({
  ...cell(qualifier, timestamp, ''),
  type,
})

/** A row with one value in the column q. */
export const put = (row: string | Buffer, timestamp: number, value: string | Buffer): Mutation => ({
  row: Buffer.from(row),
  cells: [cell('q', timestamp, value)],
})

/** The image of a row as it is now: whatever was there before is hidden. */
export const replace = (
  row: string | Buffer,
  timestamp: number,
  values: readonly string[],
): Mutation => ({
  row: Buffer.from(row),
  cells: [
    marker(KeyType.deleteFamily, timestamp - 1),
    ...values.map((value, i) => cell(`c${i}`, timestamp, value)),
  ],
})

export async function scanAll(
  client: HBaseClient,
  table: string,
  options?: ScanOptions,
): Promise<Result[]> {
  const rows: Result[] = []
  for await (const page of client.scan(table, options)) rows.push(...page)
  return rows
}

export const text = (from: Uint8Array): string => Buffer.from(from).toString()

/** column=value of every cell. */
export const show = (result: Result | null | undefined): string =>
  (result?.cells ?? []).map(({ qualifier, value }) => `${text(qualifier)}=${text(value)}`).join(' ')
