import { SyncError } from '../../model/errors.ts'
import type { Column, ColumnKind } from '../../model/table.ts'
import { hexLiteral, literal } from './names.ts'

/** How a kind of column is read, compared in a trigger and written into a key. `c` is the column as SQL names it. */
interface Rule {
  /** Prints the canonical text where the server's own print is not it. */
  readonly read?: (c: string, column: Column) => string
  /** From what the server printed to the canonical text, where SQL cannot say it. */
  readonly decode?: (printed: Buffer) => Uint8Array
  /** An expression that differs whenever the value does. */
  readonly compare?: (c: string) => string
  /** The component of a key; a kind without it cannot be in a key. */
  readonly component?: (c: string, column: Column) => string
  /** A component of a key, typed so that the index is used. */
  readonly literal?: (text: string, column: Column) => string | null
}

/** The expression a row is read with. */
export const readExpression = (column: Column, c: string): string =>
  RULES[column.kind].read?.(c, column) ?? c

/** What is done to the printed value, if anything. */
export const decoder = (column: Column): ((printed: Buffer) => Uint8Array) | undefined =>
  RULES[column.kind].decode

/** An expression that differs byte for byte whenever the value does. */
export const compareExpression = (column: Column, c: string): string =>
  RULES[column.kind].compare?.(c) ?? c

/** The component of a canonical key (capture.md 1.2), not yet escaped unless its kind can hold `~` or `|`. */
export function componentExpression(column: Column, c: string): string {
  const component = RULES[column.kind].component
  if (component === undefined)
    throw new SyncError('KEY_UNSUPPORTED', `${column.name} is ${column.native}`)
  return component(c, column)
}

export const mayBeKey = (kind: ColumnKind): boolean => RULES[kind].component !== undefined

/** A component of a key as a literal that finds the row by its index. Throws LOG_KEY_UNREADABLE. */
export function keyLiteral(column: Column, text: string | null): string {
  const found = text === null ? null : (RULES[column.kind].literal?.(text, column) ?? null)
  if (found === null)
    throw new SyncError(
      'LOG_KEY_UNREADABLE',
      `a component is no ${column.native} of the column ${column.name}`,
    )
  return found
}

/** `longtext` -> `text`; what is not listed cannot be carried. */
export const kindOf = (dataType: string): ColumnKind =>
  KINDS[dataType.toLowerCase()] ?? 'unsupported'

/** The character set and collation `native` names for a column whose texts are not utf8mb4. */
const CHARACTER_SET = /character set (\w+) collate (\w+)$/

const zerofilled = (c: string, column: Column): string =>
  column.native.includes('zerofill') ? `${c}+0` : c

const plain = (c: string, column: Column): string => `CAST(${zerofilled(c, column)} AS CHAR)`

const matched =
  (pattern: RegExp, write: (text: string) => string) =>
  (text: string): string | null =>
    pattern.test(text) ? write(text) : null

const asIs = (text: string): string => text

/** `CAST(c AS BINARY)`: even a binary collation may ignore trailing blanks. */
const bytes = (c: string): string => `CAST(${c} AS BINARY)`

const number: Rule = {
  read: zerofilled,
  component: plain,
  literal: matched(/^-?\d{1,65}(\.\d{1,30})?$/, asIs),
}

const moment: Rule = { component: plain, literal: matched(/^[-\d:. ]{3,40}$/, literal) }

function textLiteral(text: string, column: Column): string {
  const utf8 = `_utf8mb4 ${hexLiteral(Buffer.from(text))}`
  const [, set, collation] = CHARACTER_SET.exec(column.native) ?? []
  // A text the column's character set lacks would be an error instead of "not found"
  return set === undefined || collation === undefined
    ? utf8
    : `CONVERT(${utf8} USING ${set}) COLLATE ${collation}`
}

/** A timestamp in seconds since 1970 as the session, whose zone is UTC, writes it. */
function timestampLiteral(text: string): string {
  const [seconds = '', fraction] = text.split('.')
  const whole =
    seconds === '0'
      ? '0000-00-00 00:00:00'
      : new Date(Number(seconds) * 1000).toISOString().slice(0, 19).replace('T', ' ')
  return literal(fraction === undefined ? whole : `${whole}.${fraction}`)
}

const encoder = new TextEncoder()

/** `-0` is written `0`: the server's own comparison does not tell them apart, so a trigger cannot either. */
const double = (printed: Buffer): Uint8Array =>
  encoder.encode(String(Number(printed.toString('latin1'))))

/** The shortest decimal that is this float32 and no other. The server prints six digits only, hence the sum. */
function float(printed: Buffer): Uint8Array {
  const value = Math.fround(Number(printed.toString('latin1')))
  const normal = Math.abs(value) >= 2 ** -126
  for (let digits = normal ? 6 : 1; digits < 9; digits++) {
    const shorter = Number(value.toPrecision(digits))
    if (Math.fround(shorter) === value) return encoder.encode(String(shorter))
  }
  return encoder.encode(String(Number(value.toPrecision(9))))
}

/** The server hands out its own form: four bytes of SRID, little end first, then the WKB. */
const geometry = (printed: Buffer): Uint8Array =>
  encoder.encode(
    `SRID=${printed.readUInt32LE(0)};${printed.subarray(4).toString('hex').toUpperCase()}`,
  )

const RULES: Record<ColumnKind, Rule> = {
  integer: number,
  decimal: number,
  float: { read: (c) => `${c}+0e0`, decode: float },
  double: { decode: double },
  bits: {
    read: (c) => `${c}+0`,
    compare: (c) => `${c}+0`,
    component: (c) => `CAST(${c}+0 AS CHAR)`,
    literal: matched(/^\d{1,20}$/, asIs),
  },
  text: {
    compare: bytes,
    component: (c) => `REPLACE(REPLACE(CONVERT(${c} USING utf8mb4), '~', '~0'), '|', '~1')`,
    literal: textLiteral,
  },
  bytes: {
    component: (c) => `HEX(${c})`,
    literal: matched(/^([\dA-F]{2})*$/, (text) => `X'${text}'`),
  },
  date: moment,
  time: moment,
  datetime: moment,
  timestamp: {
    read: (c) => `CONCAT(${c}, 'Z')`,
    // In a trigger MariaDB takes a zero timestamp for NULL
    component: (c) => `CAST(IFNULL(UNIX_TIMESTAMP(${c}), 0) AS CHAR)`,
    literal: matched(/^\d{1,12}(\.\d{1,6})?$/, timestampLiteral),
  },
  year: { component: plain, literal: matched(/^\d{4}$/, literal) },
  json: { compare: (c) => `CAST(CAST(${c} AS CHAR) AS BINARY)` },
  enum: { compare: (c) => `${c}+0` },
  set: { compare: (c) => `${c}+0` },
  geometry: { decode: geometry },
  uuid: { component: plain, literal: matched(/^[-\da-fA-F]{32,36}$/, literal) },
  unsupported: {},
}

const KINDS: Readonly<Record<string, ColumnKind>> = {
  ...spread('integer', ['tinyint', 'smallint', 'mediumint', 'int', 'bigint']),
  ...spread('text', ['char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext']),
  ...spread('text', ['inet4', 'inet6']),
  ...spread('bytes', ['binary', 'varbinary', 'tinyblob', 'blob', 'mediumblob', 'longblob']),
  ...spread('geometry', ['geometry', 'point', 'linestring', 'polygon', 'multipoint']),
  ...spread('geometry', [
    'multilinestring',
    'multipolygon',
    'geometrycollection',
    'geomcollection',
  ]),
  decimal: 'decimal',
  float: 'float',
  double: 'double',
  bit: 'bits',
  date: 'date',
  time: 'time',
  datetime: 'datetime',
  timestamp: 'timestamp',
  year: 'year',
  json: 'json',
  enum: 'enum',
  set: 'set',
  uuid: 'uuid',
}

function spread(kind: ColumnKind, types: readonly string[]): Record<string, ColumnKind> {
  return Object.fromEntries(types.map((type) => [type, kind]))
}
