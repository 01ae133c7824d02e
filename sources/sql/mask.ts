/** Columns one mask word has room for: 62 bits stay positive in every database's 64-bit integer. */
const WORD_BITS = 62

/** In the last word: a column beyond the words changed, so any may have. */
export const OVERFLOW = 1n << 62n

/** Which bit of which word stands for a column. */
export interface Bit {
  readonly word: number
  readonly value: bigint
}

export const wordsFor = (columns: number): number => Math.max(1, Math.ceil(columns / WORD_BITS))

/** The bit of the column at this position; a column beyond the words shares the overflow bit. */
export const bitAt = (position: number, words: number): Bit =>
  position < words * WORD_BITS
    ? { word: Math.floor(position / WORD_BITS), value: 1n << BigInt(position % WORD_BITS) }
    : { word: words - 1, value: OVERFLOW }

/**
 * The columns behind the words of a log row; null when that cannot be said, so that all count as changed.
 * Bits keep their meaning for as long as `columns` only grows at its end.
 */
export function changedColumns(
  columns: readonly string[],
  words: readonly bigint[],
): ReadonlySet<string> | null {
  const names = new Set<string>()
  for (const [index, word] of words.entries()) {
    for (let bit = 0; bit <= WORD_BITS && word >> BigInt(bit) > 0n; bit++) {
      if (((word >> BigInt(bit)) & 1n) === 0n) continue
      const name = bit === WORD_BITS ? undefined : columns[index * WORD_BITS + bit]
      if (name === undefined) return null
      names.add(name)
    }
  }
  return names.size === 0 ? null : names
}
