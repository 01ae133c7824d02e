import { compareBytes } from '../model/bytes.ts'
import { SyncError } from '../model/errors.ts'
import { parseKey } from '../model/key.ts'
import type { RowKeyShape } from '../model/mapping.ts'
import type { RowKey } from '../model/mutation.ts'
import type { ColumnKind, TableSchema } from '../model/table.ts'
import type { KeyText } from '../model/value.ts'
import { hash32 } from '../model/hash32.ts'

/**
 * Keys to row keys and back. A row key is the bytes of the key text (`a|b`), after a prefix or reversed:
 * - salt 16:  `0a_` + text; the hex number of one of 16 buckets, taken from a hash of the text.
 * - hash:     `9f3c_` + text; the upper 16 bits of the hash.
 * - reverse:  `-1203` -> `3021-`; the text backwards, sign and zeros included, so it can be turned back.
 * Each is injective, since the text is and the prefix follows from it.
 */
export interface RowKeys {
  encode(key: KeyText): RowKey
  /** Makes the key text from `start` to `end` its row key, in place; it may begin up to `DRESS_BYTES` before. Returns where. */
  readonly dress: (bytes: Uint8Array, start: number, end: number) => number
  /** Null for bytes that `encode` makes of no key of the table. */
  decode(row: RowKey): KeyText | null
  splits(sampled: readonly KeyText[]): readonly RowKey[]
}

/** HBase counts the length of a row in a signed 16-bit number. */

/** More regions than this at once would rather hurt a cluster than help it. */
const MAX_REGIONS = 256

/** One region per first digit, when nothing is known about the size of the table. */
const HASH_REGIONS = 16

/** HBase has no empty row, so the empty text is written as an escape that no key text contains. */
const EMPTY = '~e'

const SEPARATOR = 0x5f

/** What a salt or a hash takes before the key. */
export const DRESS_BYTES = 5

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export function rowKeys(shape: RowKeyShape, table: TableSchema): RowKeys {
  refuseShape(shape, table)
  const text = keyTexts(table)
  if (shape.reverse === true) return reversed()
  if (shape.salt !== undefined) return salted(shape.salt, text)
  if (shape.hash === true) return hashed(text)
  return plain(text)
}

function refuseShape(shape: RowKeyShape, table: TableSchema): void {
  const chosen = [shape.salt !== undefined, shape.hash === true, shape.reverse === true]
  if (chosen.filter(Boolean).length > 1)
    throw invalid(table, 'has more than one of salt, hash and reverse; keep one')
  if (shape.salt !== undefined && !(Number.isInteger(shape.salt) && inSaltRange(shape.salt)))
    throw invalid(table, 'has a salt that is not a whole number from 2 to 65536')
  const single = table.key.length === 1 && kindsOfKey(table)[0] === 'integer'
  if (shape.reverse === true && !single)
    throw invalid(table, 'cannot be reversed: its key is not a single integer; use salt or hash')
}

const inSaltRange = (buckets: number): boolean => buckets >= 2 && buckets <= 65_536

const invalid = (table: TableSchema, what: string): SyncError =>
  new SyncError('CONFIG_INVALID', `rowKey of ${table.name} ${what}`)

function plain(text: KeyTexts): RowKeys {
  return {
    encode: encodeText,
    dress: (_bytes, start) => start,
    decode: (row) => text.decode(row),
    splits: (sampled) => sortedUnique(sampled.map(encodeText)),
  }
}

function reversed(): RowKeys {
  const encode = (key: KeyText): RowKey => {
    if (!INTEGER.test(key))
      throw new SyncError('LOG_KEY_UNREADABLE', 'a key that should be an integer is none')
    return encoder.encode(key).reverse()
  }
  return {
    encode,
    dress(bytes, start, end) {
      bytes.subarray(start, end).reverse()
      return start
    },
    decode: (row) => {
      // A copy: `slice` of a Buffer would not be one
      const key = decodeUtf8(new Uint8Array(row).reverse())
      return key !== null && INTEGER.test(key) ? key : null
    },
    splits: (sampled) => sortedUnique(sampled.map(encode)),
  }
}

function salted(buckets: number, text: KeyTexts): RowKeys {
  const digits = buckets <= 256 ? 2 : buckets <= 4096 ? 3 : 4
  const regions = Math.min(buckets, MAX_REGIONS)
  return {
    ...prefixed(text, digits, (hash) => hash % buckets),
    splits: () => evenSplits(buckets, regions, digits),
  }
}

function hashed(text: KeyTexts): RowKeys {
  return {
    ...prefixed(text, 4, (hash) => hash >>> 16),
    splits: (sampled) => {
      const regions = sampled.length === 0 ? HASH_REGIONS : sampled.length + 1
      return evenSplits(65_536, Math.min(regions, MAX_REGIONS), 4)
    },
  }
}

function prefixed(
  text: KeyTexts,
  digits: number,
  choose: (hash: number) => number,
): Omit<RowKeys, 'splits'> {
  const dress = (bytes: Uint8Array, start: number, end: number): number => {
    let prefix = choose(hash32(bytes, start, end))
    for (let i = start - 2; i >= start - 1 - digits; i--) {
      const digit = prefix & 15
      bytes[i] = digit < 10 ? 0x30 + digit : 0x57 + digit
      prefix >>>= 4
    }
    bytes[start - 1] = SEPARATOR
    return start - 1 - digits
  }
  const encode = (key: KeyText): RowKey => {
    const body = encodeText(key)
    const row = new Uint8Array(digits + 1 + body.length)
    row.set(body, digits + 1)
    dress(row, digits + 1, row.length)
    return row
  }
  return {
    encode,
    dress,
    decode: (row) => {
      const key = text.decode(row.subarray(digits + 1))
      return key !== null && compareBytes(encode(key), row) === 0 ? key : null
    },
  }
}

function evenSplits(space: number, regions: number, digits: number): RowKey[] {
  const splits: RowKey[] = []
  for (let i = 1; i < regions; i++) {
    const begin = Math.ceil((i * space) / regions)
    splits.push(encoder.encode(begin.toString(16).padStart(digits, '0')))
  }
  return splits
}

function sortedUnique(rows: RowKey[]): RowKey[] {
  return rows
    .sort(compareBytes)
    .filter((row, i) => i === 0 || compareBytes(rows[i - 1] as RowKey, row) !== 0)
}

function encodeText(key: KeyText): RowKey {
  if (key.length === 0) return encoder.encode(EMPTY)
  return ascii(key) ?? encodeUnicode(key)
}

/** Almost every key is; the encoder would make memory outside V8's heap for each, which costs four times as much. */
function ascii(key: KeyText): RowKey | null {
  const row = new Uint8Array(key.length)
  for (let i = 0; i < key.length; i++) {
    const code = key.charCodeAt(i)
    if (code > 0x7f) return null
    row[i] = code
  }
  return row
}

function encodeUnicode(key: KeyText): RowKey {
  const row = encoder.encode(key)
  // Half a surrogate pair would be encoded like U+FFFD, and two keys would share a row
  if (row.length !== key.length && /\p{Surrogate}/u.test(key))
    throw new SyncError('LOG_KEY_UNREADABLE', 'a key is not Unicode text')
  return row
}

/** Bytes to key texts; null for what is no key of the table. */
interface KeyTexts {
  decode(bytes: Uint8Array): KeyText | null
}

const INTEGER = /^-?\d+$/

/** What is known about the text of a component; a component of another kind may be any text. */
const PATTERNS: Partial<Record<ColumnKind, RegExp>> = {
  integer: INTEGER,
  bytes: /^(?:[0-9A-F]{2})*$/,
}

function keyTexts(table: TableSchema): KeyTexts {
  const patterns = kindsOfKey(table).map((kind) => PATTERNS[kind])
  const fits = (key: KeyText): boolean => {
    const parts = parsed(key)
    return (
      parts?.length === patterns.length &&
      parts.every((part, i) => part !== null && (patterns[i]?.test(part) ?? true))
    )
  }
  const decode = (bytes: Uint8Array): KeyText | null => {
    const written = decodeUtf8(bytes)
    if (written === null || written === '') return null
    const key = written === EMPTY ? '' : written
    return fits(key) ? key : null
  }
  return { decode }
}

const kindsOfKey = (table: TableSchema): ColumnKind[] =>
  table.key.map(
    (name) => table.columns.find((column) => column.name === name)?.kind ?? 'unsupported',
  )

function parsed(key: KeyText): (string | null)[] | null {
  try {
    return parseKey(key)
  } catch {
    return null
  }
}

function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes)
  } catch {
    return null
  }
}
