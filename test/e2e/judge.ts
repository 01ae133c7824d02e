import type { Connection } from 'mysql2/promise'
import type { Mapping } from '../../model/mapping.ts'
import { startWitness } from '../../services/index.ts'
import type { Witness } from '../../services/index.ts'
import type { Sandbox } from './sandbox.ts'

/** What the witness saw of one table, against what the source has. */
export interface Judgement {
  readonly rows: number
  readonly cells: number
  /** Rows and cells that are missing or not what they should be. */
  readonly lost: number
  /** Rows and cells that should not be there. */
  readonly extra: number
  /** The first few differences, as `row family:column: what`; a clean table has none. */
  readonly differences: readonly string[]
}

interface Expected {
  readonly hex: string
  /** A float is equal when its text means the same float32. */
  readonly float?: number
}

/** For values that are no texts: how Java reads one, and the text it should be, in a form both share. */
export interface Forms {
  readonly found: (column: string, value: Buffer) => Promise<string>
  readonly wanted: (column: string, text: Buffer) => string
}

type Cells<Value> = Map<string, Map<string, Value>>

const SHOWN = 10

/** The first table of a project, by a witness of its own. */
export async function judgeFirst(address: string, sandbox: Sandbox): Promise<Judgement> {
  const [mapping] = sandbox.mappings()
  if (mapping === undefined) throw new Error('the project has no table')
  const witness = await startWitness({ address }, () => undefined)
  try {
    return await judge(witness, sandbox.admin, mapping)
  } finally {
    await witness.close()
  }
}

/**
 * Compares a table of HBase, read by HBase's own client, with its source, cell by cell and both ways. It
 * shares no code with the product: its SQL and its row keys are its own.
 */
export async function judge(
  witness: Witness,
  database: Connection,
  mapping: Mapping,
  forms?: Forms,
): Promise<Judgement> {
  const wanted = await expectedCells(database, mapping)
  const found: Cells<string> = new Map()
  let cells = 0
  for await (const { row, family, qualifier, value } of witness.dump(mapping.target)) {
    const own = found.get(row) ?? new Map<string, string>()
    found.set(row, own.set(`${text(family)}:${text(qualifier)}`, value))
    cells++
  }
  if (forms !== undefined) await alike(wanted, found, forms)
  const differences: string[] = []
  let extra = 0
  const differs = (row: string, column: string, what: string): void => {
    if (what.endsWith('is extra')) extra++
    differences.push(`${JSON.stringify(text(row))} ${column}: ${what}`)
  }
  for (const [row, want] of wanted) {
    const have = found.get(row)
    if (have === undefined) differs(row, '', 'the row is missing')
    else compareCells(want, have, (column, what) => differs(row, column, what))
  }
  for (const row of found.keys()) if (!wanted.has(row)) differs(row, '', 'the row is extra')
  const more = differences.length - SHOWN
  return {
    rows: found.size,
    cells,
    lost: differences.length - extra,
    extra,
    differences: [...differences.slice(0, SHOWN), ...(more > 0 ? [`and ${more} more`] : [])],
  }
}

/** Puts every value into the form that both sides share. */
async function alike(wanted: Cells<Expected>, found: Cells<string>, forms: Forms): Promise<void> {
  const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex')
  const name = (column: string): string => column.slice(column.indexOf(':') + 1)
  for (const cells of wanted.values())
    for (const [column, { hex }] of cells)
      cells.set(column, { hex: hexOf(forms.wanted(name(column), bytes(hex))) })
  for (const cells of found.values())
    await Promise.all(
      [...cells].map(async ([column, hex]) => {
        cells.set(column, hexOf(await forms.found(name(column), bytes(hex))))
      }),
    )
}

function compareCells(
  want: ReadonlyMap<string, Expected>,
  have: ReadonlyMap<string, string>,
  differs: (column: string, what: string) => void,
): void {
  for (const [column, { hex, float }] of want) {
    const stored = have.get(column)
    if (stored === undefined) differs(column, 'the cell is missing')
    else if (float !== undefined) {
      if (Math.fround(Number(text(stored))) !== float)
        differs(column, `${text(stored)} is not ${float}`)
    } else if (stored !== hex)
      differs(column, `${text(stored).slice(0, 60)} is not ${text(hex).slice(0, 60)}`)
  }
  for (const column of have.keys()) if (!want.has(column)) differs(column, 'the cell is extra')
}

const text = (hex: string): string => Buffer.from(hex, 'hex').toString()
const hexOf = (value: string): string => Buffer.from(value).toString('hex')

interface Described {
  readonly name: string
  readonly type: string
  readonly native: string
}

async function expectedCells(database: Connection, mapping: Mapping): Promise<Cells<Expected>> {
  const [family] = mapping.families
  if (family === undefined) throw new Error(`${mapping.name} has no family`)
  const columns = await columnsOf(database, mapping.anchor)
  const key = await keyOf(database, mapping.anchor)
  const carried = columns.filter(({ name }) => !family.exclude.includes(name))
  const parts = key.map((name) => columns.find((column) => column.name === name) as Described)
  // the documented text of a key: components joined by |, in each ~ written ~0 and | written ~1
  const keyText = `concat_ws('|', ${parts.map(componentOf).join(', ')})`
  const list = [`hex(${keyText})`, ...carried.map(hexExpression)].join(', ')
  await database.query(`set time_zone = '+00:00'`)
  const [rows] = await database.query({
    sql: `select ${list} from ${quote(mapping.anchor)}`,
    rowsAsArray: true,
  })
  const expected: Cells<Expected> = new Map()
  for (const [first, ...values] of rows as unknown as (string | null)[][]) {
    const cells = new Map<string, Expected>()
    for (const [i, { name, type }] of carried.entries()) {
      const value = values[i] ?? null
      if (value === null) continue
      const qualifier = Object.hasOwn(family.rename, name) ? family.rename[name] : name
      cells.set(`${family.family}:${qualifier ?? ''}`, expectedValue(type, value.toLowerCase()))
    }
    expected.set(rowKey(mapping, text(first ?? '')), cells)
  }
  if (expected.size !== (rows as unknown[]).length) throw new Error('two rows have one row key')
  return expected
}

function expectedValue(type: string, hex: string): Expected {
  if (type === 'double') return { hex: hexOf(String(Number(text(hex)) + 0)) }
  return type === 'float' ? { hex, float: Math.fround(Number(text(hex))) } : { hex }
}

/** The row key of a key's text, after the shape the project file asks for. */
function rowKey({ rowKey: { salt, hash, reverse } }: Mapping, key: string): string {
  const plain = hexOf(key === '' ? '~e' : key)
  if (reverse) return hexOf(Array.from(key).reverse().join(''))
  const number = Number(scatter(Buffer.from(plain, 'hex')))
  if (hash) return hexOf(`${(number >>> 16).toString(16).padStart(4, '0')}_`) + plain
  if (salt === undefined) return plain
  const digits = salt <= 256 ? 2 : salt <= 4096 ? 3 : 4
  return hexOf(`${(number % salt).toString(16).padStart(digits, '0')}_`) + plain
}

/** FNV-1a with the finaliser of MurmurHash3, in plain arithmetic. */
function scatter(bytes: Uint8Array): bigint {
  const word = 0xffffffffn
  let hash = 0x811c9dc5n
  for (const byte of bytes) hash = ((hash ^ BigInt(byte)) * 0x01000193n) & word
  hash = ((hash ^ (hash >> 16n)) * 0x85ebca6bn) & word
  hash = ((hash ^ (hash >> 13n)) * 0xc2b2ae35n) & word
  return hash ^ (hash >> 16n)
}

const BINARY = ['binary', 'varbinary', 'tinyblob', 'blob', 'mediumblob', 'longblob']
const TEXTS = ['char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext']
const SHAPES = /^(geom|point|linestring|polygon|multi)/

/** The value of a cell in hex: bytes of a binary column as they are, of all else its text in UTF-8. */
function hexExpression({ name, type, native }: Described): string {
  const c = identifier(name)
  if (BINARY.includes(type)) return `hex(${c})`
  if (TEXTS.includes(type)) return `hex(convert(${c} using utf8mb4))`
  const printed = (expression: string): string =>
    `hex(convert(cast(${expression} as char) using utf8mb4))`
  // four bytes of SRID, then the shape in the form every geometry library reads
  if (SHAPES.test(type)) return printed(`concat('SRID=', st_srid(${c}), ';', substr(hex(${c}), 9))`)
  if (type === 'timestamp') return printed(`concat(${c}, 'Z')`)
  if (type === 'float') return printed(`${c} + 0e0`)
  return printed(type === 'bit' || native.includes('zerofill') ? `${c} + 0` : c)
}

function componentOf({ name, type, native }: Described): string {
  const c = identifier(name)
  if (BINARY.includes(type)) return `hex(${c})`
  if (TEXTS.includes(type))
    return `replace(replace(convert(${c} using utf8mb4), '~', '~0'), '|', '~1')`
  if (type === 'timestamp') return `cast(unix_timestamp(${c}) as char)`
  return `cast(${type === 'bit' || native.includes('zerofill') ? `${c} + 0` : c} as char)`
}

const identifier = (name: string): string => `\`${name.replaceAll('`', '``')}\``
const quote = (table: string): string => table.split('.').map(identifier).join('.')

async function columnsOf(database: Connection, table: string): Promise<Described[]> {
  const [rows] = await database.query(
    `select column_name as name, data_type as type, column_type as native
       from information_schema.columns where concat(table_schema, '.', table_name) = ?
      order by ordinal_position`,
    [table],
  )
  return rows as Described[]
}

/** The primary key, else the only unique key of whole columns without NULLs. */
async function keyOf(database: Connection, table: string): Promise<string[]> {
  const [rows] = await database.query(
    `select index_name as name, group_concat(column_name order by seq_in_index separator '\n') as columns
       from information_schema.statistics
      where concat(table_schema, '.', table_name) = ? and non_unique = 0
      group by index_name having max(nullable) = '' and count(sub_part) = 0`,
    [table],
  )
  const keys = rows as { name: string; columns: string }[]
  const key = keys.find(({ name }) => name === 'PRIMARY') ?? keys[0]
  if (key === undefined) throw new Error(`${table} has no key`)
  return key.columns.split('\n')
}
