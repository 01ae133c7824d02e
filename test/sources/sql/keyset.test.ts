import { expect, test } from 'vitest'
import { after, among, upTo } from '../../../sources/sql/keyset.ts'

test('writes what comes after a key', () => {
  expect(after(['a'], ['1'])).toBe('(a > 1)')
  expect(after(['a', 'b'], ['1', '2'])).toBe('(a > 1 OR (a = 1 AND b > 2))')
  expect(after(['a', 'b', 'c'], ['1', '2', '3'])).toBe(
    '(a > 1 OR (a = 1 AND b > 2) OR (a = 1 AND b = 2 AND c > 3))',
  )
})

test('writes what comes up to a key, the key itself included', () => {
  expect(upTo(['a'], ['1'])).toBe('(a <= 1)')
  expect(upTo(['a', 'b'], ['1', '2'])).toBe('(a < 1 OR (a = 1 AND b <= 2))')
})

test('writes a choice of keys', () => {
  expect(among(['a'], [['1'], ['2']])).toBe('a IN (1, 2)')
  expect(
    among(
      ['a', 'b'],
      [
        ['1', '2'],
        ['3', '4'],
      ],
    ),
  ).toBe('((a = 1 AND b = 2) OR (a = 3 AND b = 4))')
})
