import { SyncError } from './errors.ts'
import { keyPositions, type Column, type TableSchema } from './table.ts'
import type { KeyText, Row, Value } from './value.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** `~` and `|` escaped, so that no value can be taken for a separator. */
const escape = (text: string): string =>
  text.includes('~') || text.includes('|') ? text.replaceAll('~', '~0').replaceAll('|', '~1') : text

const unescape = (text: string): string => text.replaceAll('~1', '|').replaceAll('~0', '~')

/** `['a|b', null]` -> `a~1b|~n`. */
export const formatKey = (components: readonly (string | null)[]): KeyText =>
  components.map((text) => (text === null ? '~n' : escape(text))).join('|')

/** The other way; throws LOG_KEY_UNREADABLE for a text that `formatKey` never makes. */
export function parseKey(key: KeyText): (string | null)[] {
  return key.split('|').map((part) => {
    if (part === '~n') return null
    if (/~(?![01])/.test(part))
      throw new SyncError('LOG_KEY_UNREADABLE', 'an escape is neither ~0, ~1 nor ~n')
    return unescape(part)
  })
}

/** The key of a row, as the triggers write it (capture.md 1.2). Throws VALUE_UNREADABLE when a component is NULL. */
export function keyOfRow(table: TableSchema): (row: Row) => KeyText {
  const positions = keyPositions(table)
  const columns = positions.map((position) => table.columns[position] as Column)
  return (row) => {
    let key = ''
    for (const [i, column] of columns.entries()) {
      const value = row[positions[i] as number] as Value
      if (value === null)
        throw new SyncError('VALUE_UNREADABLE', `${table.name}.${column.name} is NULL in a key`)
      key += (i === 0 ? '' : '|') + escape(keyComponent(column, value))
    }
    return key
  }
}

/** A value as a component of a key: binary in upper hex, a timestamp in seconds since 1970, all else as it stands. */
export function keyComponent(column: Column, value: Uint8Array): string {
  if (column.kind === 'bytes') return hex(value)
  const text = utf8.decode(value)
  return column.kind === 'timestamp' ? unixSeconds(text) : text
}

const hex = (bytes: Uint8Array): string => {
  let text = ''
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0')
  return text.toUpperCase()
}

/** `2024-03-09 10:11:12.50Z` -> `1709979072.50`: what UNIX_TIMESTAMP prints, in any session time zone. */
function unixSeconds(text: string): string {
  const [whole = '', fraction] = text.replace(/Z$/, '').split('.')
  // MySQL prints the zero timestamp as 0, whatever its digits
  const seconds = whole.startsWith('0000-00-00')
    ? 0
    : Date.parse(`${whole.replace(' ', 'T')}Z`) / 1000
  return fraction === undefined ? String(seconds) : `${String(seconds)}.${fraction}`
}
