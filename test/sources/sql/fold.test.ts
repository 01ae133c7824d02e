import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ChangeKind } from '../../../model/change.ts'
import { fold, type Entry } from '../../../sources/sql/fold.ts'

const LETTERS: Readonly<Record<string, ChangeKind>> = {
  N: 'insert',
  U: 'update',
  D: 'delete',
  R: 'refresh',
}

/** `N U1 U4` -> entries. */
const entries = (text: string): Entry[] =>
  text
    .split(' ')
    .filter((part) => part !== '')
    .map((part) => ({
      kind: LETTERS[part[0] ?? ''] ?? 'refresh',
      words: part.length > 1 ? [BigInt(part.slice(1))] : [],
    }))

const text = (folded: readonly Entry[]): string =>
  folded
    .map(({ kind, words }) => {
      const letter = Object.keys(LETTERS).find((key) => LETTERS[key] === kind) ?? ''
      return kind === 'update' ? `${letter}${words.join()}` : letter
    })
    .join(' ')

test.each([
  ['N', 'N'],
  ['U1 U4', 'U5'],
  ['N U1 U4', 'N U5'],
  ['N U1 D', 'D'],
  ['D N', 'N'],
  ['D N U2', 'N U2'],
  ['U1 D', 'D'],
  ['U1 N', 'N'],
  ['D U1', 'R'],
  ['R N U1', 'R'],
  ['R D', 'D'],
  ['U1 R', 'R'],
  ['N R', 'R'],
])('folds %s to %s', (before, after) => {
  expect(text(fold(entries(before)))).toBe(after)
})

test('leaves at most two rows of any log, and tells at least as much', () => {
  const entry = fc.record({
    kind: fc.constantFrom<ChangeKind>('insert', 'update', 'delete', 'refresh'),
    bit: fc.nat(5),
  })
  fc.assert(
    fc.property(fc.array(entry, { minLength: 1 }), (log) => {
      const given = log.map(({ kind, bit }): Entry => ({
        kind,
        words: kind === 'update' ? [1n << BigInt(bit)] : [],
      }))
      const folded = fold(given)
      expect(folded.length).toBeGreaterThan(0)
      expect(folded.length).toBeLessThanOrEqual(2)
      const whole = (some: readonly Entry[]): boolean => some.some(({ kind }) => kind !== 'update')
      const bits = (some: readonly Entry[]): bigint =>
        some.reduce((sum, { words }) => sum | (words[0] ?? 0n), 0n)
      expect(whole(folded)).toBe(whole(given))
      if (!whole(given)) expect(bits(folded)).toBe(bits(given))
    }),
  )
})
