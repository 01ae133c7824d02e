import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bitAt, changedColumns, OVERFLOW, wordsFor } from '../../../sources/sql/mask.ts'

test('gives 62 columns to a word', () => {
  expect([1, 62, 63, 124, 125, 1017].map(wordsFor)).toEqual([1, 1, 2, 2, 3, 17])
  expect(bitAt(61, 3)).toEqual({ word: 0, value: 1n << 61n })
  expect(bitAt(62, 3)).toEqual({ word: 1, value: 1n })
})

test('takes a column beyond the words for any column', () => {
  expect(bitAt(186, 3)).toEqual({ word: 2, value: OVERFLOW })
  expect(changedColumns(['a', 'b'], [0n, 0n, OVERFLOW | 1n])).toBeNull()
  expect(changedColumns(['a', 'b'], [4n])).toBeNull()
  expect(changedColumns(['a', 'b'], [0n])).toBeNull()
})

test('reads back whatever columns changed', () => {
  const columns = Array.from({ length: 200 }, (_, i) => `c${i}`)
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(199), { minLength: 1 }), (positions) => {
      const words = [0n, 0n, 0n, 0n]
      for (const position of positions) {
        const { word, value } = bitAt(position, 4)
        words[word] = (words[word] ?? 0n) | value
      }
      expect(changedColumns(columns, words)).toEqual(new Set(positions.map((i) => `c${i}`)))
    }),
  )
})
