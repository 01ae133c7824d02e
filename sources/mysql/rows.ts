import { keyInPage, keyOfRow, parseKey } from '../../model/key.ts'
import { MatchedRows } from '../../model/matched-rows.ts'
import { keyPositions, type Column, type TableSchema } from '../../model/table.ts'
import { SyncError } from '../../model/errors.ts'
import { RowPage } from '../../model/page.ts'
import type { KeyText } from '../../model/value.ts'
import { after, among, upTo } from '../sql/keyset.ts'
import type { RowReader } from '../source.ts'
import type { Client } from './client.ts'
import { chunked, literal, qualified, quote, splitName } from './names.ts'
import { decoder, keyLiteral, readExpression } from './types.ts'

/** A page is as many rows, or as many bytes, whichever comes first. */
const PAGE_ROWS = 1_000
const PAGE_BYTES = 4_000_000

/** What every page has room for. */
const SMALL_BYTES = 2048

/** Where a single value may be megabytes, the first page finds out, and no page is long. */
const FIRST_LARGE_ROWS = 10
const LARGE_ROWS = 500

/** Keys in one predicate; the optimizer still turns so many into ranges of the index. */
const MATCHED_KEYS = 500

/** Predicates asked at once, each on its own connection. */
const MATCHED_TOGETHER = 3

/** Reads rows as the server prints them. */
export const rowReader = (client: Client): RowReader => ({
  async estimate(table) {
    const { rows } = await statistics(client, table)
    return rows
  },

  async boundaries(table, from, size, max) {
    const { columns, order, literals } = keyOf(table)
    const key = keyOfRow({ ...table, columns: columns })
    const found: KeyText[] = []
    let last = from
    while (found.length < max) {
      const where = last === null ? '' : `WHERE ${after(order, literals(last))}\n`
      const page = await select(client, { ...table, columns }, [
        `${where}ORDER BY ${order.join(', ')}`,
        `LIMIT 1 OFFSET ${size - 1}`,
      ])
      const row = page.at(0)
      if (row === undefined) break
      last = key(row)
      found.push(last)
    }
    return found
  },

  range: (table, from, to, { signal } = {}) => pages(client, table, { from, to, signal }),

  async *keys(table, from, to, { signal } = {}) {
    const keyed = { ...table, columns: keyOf(table).columns }
    const key = keyOfRow(keyed)
    for await (const rows of pages(client, keyed, { from, to, signal })) yield Array.from(rows, key)
  },

  matching: (table, keys) => having(client, table, keys),

  async existing(table, keys) {
    const found = await having(client, { ...table, columns: keyOf(table).columns }, keys)
    return new Set(found.keys())
  },
})

interface Bounds {
  readonly from: KeyText | null
  readonly to: KeyText | null
  readonly signal: AbortSignal | undefined
}

/** The columns of the table, in the order of its key; the next page is read while one is used. */
async function* pages(
  client: Client,
  table: TableSchema,
  { from, to, signal }: Bounds,
): AsyncIterable<RowPage> {
  const { order, literals } = keyOf(table)
  const end = to === null ? [] : [upTo(order, literals(to))]
  const key = keyOfRow(table)
  const page = (last: KeyText | null, likely: Likely): Promise<RowPage> => {
    signal?.throwIfAborted()
    const bounds = [...(last === null ? [] : [after(order, literals(last))]), ...end]
    const where = bounds.length === 0 ? '' : `WHERE ${bounds.join('\n  AND ')}\n`
    const rest = [`${where}ORDER BY ${order.join(', ')}`, `LIMIT ${likely.rows}`]
    return select(client, table, rest, likely)
  }

  const { first, most, bytes } = pageSizes(table, (await statistics(client, table)).bytes)
  let likely = { rows: first, bytes }
  let next: Promise<RowPage> | null = page(from, likely)
  try {
    while (next !== null) {
      const rows: RowPage = await next
      const last = rows.at(-1)
      const asked = likely.rows
      likely = following(rows, Math.min(most, asked * 4))
      next = last === undefined || rows.length < asked ? null : page(key(last), likely)
      // Handled where it is awaited; until then it must not count as forgotten
      next?.catch(() => undefined)
      if (rows.length > 0) yield rows
    }
  } finally {
    await next?.catch(() => undefined)
  }
}

async function having(
  client: Client,
  table: TableSchema,
  keys: readonly KeyText[],
): Promise<MatchedRows> {
  const { order, literals } = keyOf(table)
  const key = keyInPage(table)
  const found = new MatchedRows(keys)
  for (const together of chunked(chunked(keys, MATCHED_KEYS), MATCHED_TOGETHER)) {
    const parts = together.map((some) => `WHERE ${among(order, some.map(literals))}`)
    const pages = await Promise.all(parts.map((where) => select(client, table, [where])))
    for (const page of pages) found.add(page, key)
  }
  return found
}

/** The key's columns in key order, as SQL names them, and a key as literals for them. */
function keyOf(table: TableSchema): {
  columns: readonly Column[]
  order: readonly string[]
  literals: (key: KeyText) => readonly string[]
} {
  const columns = keyPositions(table).map((position) => table.columns[position] as Column)
  if (columns.length === 0) throw new SyncError('KEY_MISSING', `${table.name}. Add a primary key`)
  const literals = (key: KeyText): readonly string[] => {
    const components = parseKey(key)
    if (components.length !== columns.length)
      throw new SyncError(
        'LOG_KEY_UNREADABLE',
        `${table.name}: ${components.length} components where the key has ${columns.length}`,
      )
    return columns.map((column, i) => keyLiteral(column, components[i] ?? null))
  }
  return { columns, order: columns.map((column) => quote(column.name)), literals }
}

async function select(
  client: Client,
  { name, columns }: Pick<TableSchema, 'name' | 'columns'>,
  rest: readonly string[],
  likely?: Likely,
): Promise<RowPage> {
  const list = columns.map((column) => readExpression(column, quote(column.name))).join(', ')
  const sql = `SELECT ${list}\nFROM ${qualified(name)}\n${rest.join('\n')}`
  const page = new RowPage(columns.length, likely)
  await client.read(sql, page, name)
  for (const [i, column] of columns.entries()) {
    const decode = decoder(column)
    if (decode !== undefined) page.changeColumn(i, decode)
  }
  return page
}

async function statistics(
  client: Client,
  table: TableSchema,
): Promise<{ rows: number; bytes: number }> {
  const { database, name } = splitName(table.name)
  const [row] = await client.select(
    `SELECT TABLE_ROWS, AVG_ROW_LENGTH FROM information_schema.TABLES
WHERE TABLE_SCHEMA = ${literal(database)} AND TABLE_NAME = ${literal(name)}`,
    table.name,
  )
  return { rows: Number(row?.[0] ?? 0), bytes: Number(row?.[1] ?? 0) }
}

/** What the next page is asked for, and the memory it will probably take. */
interface Likely {
  readonly rows: number
  readonly bytes: number
}

/** The catalog's average may be old; it is good for the first page, from then on we know better. */
function pageSizes(
  table: TableSchema,
  bytes: number,
): { first: number; most: number; bytes: number } {
  const large = table.columns.some((column) => column.large)
  const most = large ? LARGE_ROWS : PAGE_ROWS
  const first = Math.min(rowsPerPage(bytes), large ? FIRST_LARGE_ROWS : most)
  return { first, most, bytes: SMALL_BYTES }
}

/** As many rows as will fit if they are like those of this page; memory for a tenth more. */
function following(page: RowPage, most: number): Likely {
  const average = page.size / Math.max(1, page.length)
  const rows = Math.min(rowsPerPage(average), most)
  return { rows, bytes: SMALL_BYTES + Math.ceil(1.1 * rows * average) }
}

const rowsPerPage = (bytesPerRow: number): number =>
  Math.max(1, Math.floor(PAGE_BYTES / Math.max(1, bytesPerRow)))
