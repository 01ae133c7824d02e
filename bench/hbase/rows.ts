// The rows every peer writes: a 13-byte key (one hexadecimal digit that spreads them over 16 regions,
// twelve decimal ones) and 10 values of 16 bytes. Peer.java makes the same. Values come from a table,
// so that making rows costs next to nothing beside sending them.
export const COLUMNS = 10
export const KEY_BYTES = 13
export const FAMILY = 'd'
export const TIME = 1_700_000_000_000
const VALUES = 4096
const VALUE_BYTES = 16

export const SPLITS: readonly Buffer[] = Array.from({ length: 15 }, (_, i) =>
  Buffer.from((i + 1).toString(16)),
)

export const QUALIFIERS: readonly Buffer[] = Array.from({ length: COLUMNS }, (_, i) =>
  Buffer.from(`c${i}`),
)

const values: readonly Buffer[] = makeValues()

function makeValues(): Buffer[] {
  let state = 1
  return Array.from({ length: VALUES }, () => {
    const value = Buffer.alloc(VALUE_BYTES)
    for (let i = 0; i < VALUE_BYTES; i++) {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
      value[i] = 97 + ((state >>> 16) % 26)
    }
    return value
  })
}

export const valueOf = (row: number, column: number): Buffer =>
  values[(row * COLUMNS + column) % VALUES] ?? Buffer.alloc(0)

const HEX = Buffer.from('0123456789abcdef')

/** Writes the key of a row at the front of `key`. */
export function putKey(key: Buffer, row: number): Buffer {
  key[0] = HEX[row % 16] ?? 0
  let rest = row
  for (let i = KEY_BYTES - 1; i > 0; i--) {
    key[i] = 48 + (rest % 10)
    rest = Math.floor(rest / 10)
  }
  return key
}

/** What a scan must find: the sum, modulo 2^32, over all cells of last byte of the key times first byte of the value. */
export function sumOf(rows: number): number {
  const key = Buffer.alloc(KEY_BYTES)
  let sum = 0
  for (let row = 0; row < rows; row++) {
    putKey(key, row)
    for (let column = 0; column < COLUMNS; column++) {
      sum = (sum + (key[KEY_BYTES - 1] ?? 0) * (valueOf(row, column)[0] ?? 0)) >>> 0
    }
  }
  return sum
}
