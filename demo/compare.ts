import { createConnection } from 'mysql2'
import type { RowDataPacket } from 'mysql2/promise'
import type { Witness, WitnessCell } from '../services/index.ts'
import { connect, DATABASE, type Login } from './database.ts'

/**
 * Compares MySQL with what the witness reads, cell by cell. None of longhaul's code has a part in it: the
 * SQL, the connection and the texts that are expected are its own.
 */
export interface Comparison {
  readonly rows: number
  readonly cells: number
  readonly differences: number
  /** The first few, in words. */
  readonly examples: readonly string[]
}

export interface Compared {
  readonly source: Login
  readonly witness: Witness
  /** Called now and then with the rows compared. */
  readonly progress: (rows: number) => void
  /** Told every row as the witness reads it, before it is compared. */
  readonly look?: (row: HexRow) => void
}

/** A row as hexadecimal texts: its key, and its cells by column. */
export interface HexRow {
  readonly key: string
  readonly cells: ReadonlyMap<string, string>
}

const EXAMPLES = 5

export async function compareTable(table: string, how: Compared): Promise<Comparison> {
  const { source, witness, progress } = how
  const found = { rows: 0, cells: 0, differences: 0, examples: [] as string[] }
  const differ = (what: string): void => {
    found.differences++
    if (found.examples.length < EXAMPLES) found.examples.push(`${table} ${what}`)
  }
  const pairs = inStep(sourceRows(source, table), rowsOf(witness.dump(`shop:${table}`), table))
  for await (const [want, have] of pairs) {
    if (have === null) differ(`${text(want.key)} is missing in HBase`)
    else {
      how.look?.(have)
      found.rows++
      found.cells += have.cells.size
      if (want === null) differ(`${text(have.key)} is in HBase only`)
      else compareRow(want, have, differ)
    }
    if (found.rows % 10_000 === 0) progress(found.rows)
  }
  progress(found.rows)
  return found
}

function compareRow(want: HexRow, have: HexRow, differ: (what: string) => void): void {
  for (const [column, value] of want.cells)
    if (have.cells.get(column) !== value)
      differ(`${text(want.key)} ${column} is ${text(have.cells.get(column))}, not ${text(value)}`)
  for (const [column, value] of have.cells)
    if (!want.cells.has(column)) differ(`${text(want.key)} ${column} is ${text(value)}, not NULL`)
}

/** Rows of the same key together; both sides come in the order of their keys. */
async function* inStep(
  wanted: AsyncGenerator<HexRow>,
  stored: AsyncGenerator<HexRow>,
): AsyncGenerator<readonly [HexRow, HexRow] | readonly [HexRow, null] | readonly [null, HexRow]> {
  let [want, have] = await Promise.all([next(wanted), next(stored)])
  while (want !== null || have !== null) {
    if (have === null || (want !== null && want.key < have.key)) {
      if (want !== null) yield [want, null]
      want = await next(wanted)
    } else if (want === null || have.key < want.key) {
      yield [null, have]
      have = await next(stored)
    } else {
      yield [want, have]
      ;[want, have] = [await next(wanted), await next(stored)]
    }
  }
}

/** The expected text of a column, whatever its type, as hexadecimal digits. */
function expected(column: string, type: string): string {
  const name = `\`${column}\``
  if (/binary|blob/.test(type)) return `HEX(${name})`
  if (type === 'timestamp') return `HEX(CONCAT(${name}, 'Z'))` // the session is in UTC
  return `HEX(CONVERT(CAST(${name} AS CHAR) USING utf8mb4))`
}

/** All rows in the order of HBase: by the bytes of the key's text, its parts joined by `|`. */
async function* sourceRows(login: Login, table: string): AsyncGenerator<HexRow> {
  const columns = await columnsOf(login, table)
  const key = columns.filter(({ inKey }) => inKey).map(({ name }) => `\`${name}\``)
  const joined = `CAST(CONCAT_WS('|', ${key.join(', ')}) AS BINARY)`
  const connection = createConnection({ ...login, rowsAsArray: true, dateStrings: true })
  connection.on('error', () => undefined)
  try {
    connection.query("SET time_zone = '+00:00', sort_buffer_size = 33554432")
    const list = columns.map(({ name, type }) => expected(name, type))
    const rows = connection
      .query(
        `SELECT HEX(${joined}), ${list.join(', ')} FROM ${DATABASE}.\`${table}\` ORDER BY ${joined}`,
      )
      .stream({ highWaterMark: 500 }) as AsyncIterable<readonly (string | null)[]>
    for await (const [own, ...values] of rows) {
      const cells = new Map<string, string>()
      for (const [i, value] of values.entries())
        if (value !== null) cells.set(columns[i]?.name ?? '', value.toLowerCase())
      yield { key: (own ?? '').toLowerCase(), cells }
    }
  } finally {
    connection.destroy()
  }
}

interface Column {
  readonly name: string
  readonly type: string
  readonly inKey: boolean
}

async function columnsOf(login: Login, table: string): Promise<Column[]> {
  const connection = await connect(login)
  try {
    const [rows] = await connection.query<RowDataPacket[]>(
      `SELECT COLUMN_NAME AS name, DATA_TYPE AS type, COLUMN_KEY = 'PRI' AS inKey
FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = '${DATABASE}' AND TABLE_NAME = ?
ORDER BY ORDINAL_POSITION`,
      [table],
    )
    return rows.map((row) => ({
      name: String(row['name']),
      type: String(row['type']),
      inKey: Number(row['inKey']) === 1,
    }))
  } finally {
    connection.destroy()
  }
}

/** Cells of the same row together. The newest version of a cell comes first and is the one that counts. */
async function* rowsOf(cells: AsyncIterable<WitnessCell>, table: string): AsyncGenerator<HexRow> {
  const family = Buffer.from(table).toString('hex')
  const names = new Map<string, string>()
  const nameOf = (cell: WitnessCell): string => {
    const both = cell.family + cell.qualifier
    const name = names.get(both) ?? columnName(cell, family)
    names.set(both, name)
    return name
  }
  let key = '' // no row key is empty
  let own = new Map<string, string>()
  for await (const cell of cells) {
    if (cell.row !== key) {
      if (key !== '') yield { key, cells: own }
      key = cell.row
      own = new Map()
    }
    const name = nameOf(cell)
    if (!own.has(name)) own.set(name, cell.value)
  }
  if (key !== '') yield { key, cells: own }
}

/** A cell of another family is not taken for one of ours. */
const columnName = ({ family, qualifier }: WitnessCell, own: string): string =>
  (family === own ? '' : `${text(family)}:`) + text(qualifier)

async function next<T>(rows: AsyncGenerator<T>): Promise<T | null> {
  const step = await rows.next()
  return step.done === true ? null : step.value
}

const text = (hex: string | undefined): string =>
  hex === undefined ? 'nothing' : Buffer.from(hex, 'hex').toString('utf8')
