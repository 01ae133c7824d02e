import { SyncError } from './errors.ts'
import type { RowPage } from './page.ts'
import { keyPositions, type Column, type ColumnKind, type TableSchema } from './table.ts'
import type { KeyText, Row } from './value.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** `~` and `|` escaped, so that no value can be taken for a separator. */
const escape = (text: string): string =>
  text.includes('~') || text.includes('|') ? text.replace(/[~|]/g, escapeOne) : text

const escapeOne = (char: string): string => (char === '~' ? '~0' : '~1')

const unescape = (text: string): string =>
  text.includes('~') ? text.replace(/~[01]/g, (pair) => (pair === '~0' ? '~' : '|')) : text

/** `['a|b', null]` -> `a~1b|~n`. Different components make different texts; there is at least one. */
export const formatKey = (components: readonly (string | null)[]): KeyText =>
  components.map((text) => (text === null ? '~n' : escape(text))).join('|')

/** The other way; throws LOG_KEY_UNREADABLE for a text that `formatKey` never makes. */
export function parseKey(key: KeyText): (string | null)[] {
  if (!key.includes('~')) return key.split('|')
  return key.split('|').map((part) => {
    if (part === '~n') return null
    if (/~(?![01])/.test(part))
      throw new SyncError('LOG_KEY_UNREADABLE', 'an escape is neither ~0, ~1 nor ~n')
    return unescape(part)
  })
}

/**
 * The key of a row, as the triggers write it (capture.md 1.2). Throws VALUE_UNREADABLE when a component is NULL
 * or cannot be decoded.
 */
export function keyOfRow(table: TableSchema): (row: Row) => KeyText {
  if (table.key.length === 0) throw new SyncError('KEY_MISSING', `${table.name} has no key`)
  const positions = keyPositions(table)
  const columns = positions.map((position, i) => {
    const column = table.columns[position]
    if (column === undefined)
      throw new SyncError(
        'COLUMN_UNKNOWN',
        `${table.name}.${String(table.key[i])} is part of the key`,
      )
    return column
  })
  return (row) => {
    let key = ''
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i] as Column
      const value = row[positions[i] as number]
      if (value == null)
        throw new SyncError('VALUE_UNREADABLE', `${table.name}.${column.name} is NULL in a key`)
      const text = escape(keyComponent(column, value))
      key = i === 0 ? text : `${key}|${text}`
    }
    return key
  }
}

/** As `keyOfRow`, of a row that lies in a page: most keys are ASCII, and are read without a look at the other values. */
export function keyInPage(table: TableSchema): (page: RowPage, row: number) => KeyText {
  const slow = keyOfRow(table)
  const positions = keyPositions(table)
  const isPlain = isKeyAsRead(table)
  const plain = (page: RowPage, row: number): KeyText | null => {
    let key = ''
    for (let i = 0; i < positions.length; i++) {
      const position = positions[i] as number
      if (!isPlainAscii(page, row, position)) return null
      key = i === 0 ? page.ascii(row, position) : `${key}|${page.ascii(row, position)}`
    }
    return key
  }
  return (page, row) => (isPlain ? plain(page, row) : null) ?? slow(page.at(row) as Row)
}

/** Whether the values of the key's columns stand in it as they were read, apart from `~` and `|`. */
export const isKeyAsRead = (table: TableSchema): boolean =>
  keyPositions(table).every((position) => !DRESSED.has(table.columns[position]?.kind ?? 'bytes'))

const DRESSED: ReadonlySet<ColumnKind> = new Set(['bytes', 'timestamp'])

/** A value that is not NULL, and all ASCII without `~` and `|`. */
function isPlainAscii({ bytes, spans, columns }: RowPage, row: number, column: number): boolean {
  const place = 2 * (row * columns + column)
  const [start, end] = [spans[place] as number, spans[place + 1] as number]
  if (start < 0) return false
  for (let i = start; i < end; i++) {
    const byte = bytes[i] as number
    if (byte >= TILDE || byte === BAR) return false
  }
  return true
}

const TILDE = 0x7e
const BAR = 0x7c

/** A value as a component of a key: binary in upper hex, a timestamp in seconds since 1970, all else as it stands. */
export function keyComponent(column: Column, value: Uint8Array): string {
  if (column.kind === 'bytes') return hex(value)
  const text = decode(column, value)
  return column.kind === 'timestamp' ? unixSeconds(column, text) : text
}

function decode(column: Column, value: Uint8Array): string {
  try {
    return utf8.decode(value)
  } catch (cause) {
    throw new SyncError('VALUE_UNREADABLE', `${column.name} in a key is not UTF-8`, { cause })
  }
}

const HEX = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, '0').toUpperCase(),
)

const hex = (bytes: Uint8Array): string => {
  let text = ''
  for (const byte of bytes) text += HEX[byte] as string
  return text
}

/** `2024-03-09 10:11:12.50Z` -> `1709979072.50`: what UNIX_TIMESTAMP prints, in any session time zone. */
function unixSeconds(column: Column, text: string): string {
  const [whole = '', fraction] = text.replace(/Z$/, '').split('.')
  // MySQL prints the zero timestamp as 0
  const seconds = whole.startsWith('0000-00-00')
    ? 0
    : Date.parse(`${whole.replace(' ', 'T')}Z`) / 1000
  if (Number.isNaN(seconds))
    throw new SyncError('VALUE_UNREADABLE', `${column.name} in a key is not a timestamp`)
  return fraction === undefined ? String(seconds) : `${String(seconds)}.${fraction}`
}
