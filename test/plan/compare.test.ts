import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareBytes } from '../../model/bytes.ts'
import type { StoredRow } from '../../model/mutation.ts'
import { compare, type Expected } from '../../plan/compare.ts'
import { rowBytes, rowDigest } from '../../plan/digest.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

type Cells = Readonly<Record<string, string>>

const parsed = (cells: Cells) =>
  Object.entries(cells)
    .map(([name, value]) => {
      const [family = '', qualifier = ''] = name.split(':')
      return { family: bytes(family), qualifier: bytes(qualifier), value: bytes(value) }
    })
    .sort((a, b) => compareBytes(a.family, b.family) || compareBytes(a.qualifier, b.qualifier))

const expected = (cells: Cells, row = 'r'): Expected => ({
  row: bytes(row),
  cells: parsed(cells).map(({ value, ...column }) => ({ column, value })),
})

const stored = (cells: Cells, row = 'r'): StoredRow => ({
  row: bytes(row),
  cells: parsed(cells).map((cell, i) => ({ ...cell, version: 10 + i })),
})

const cells = fc.dictionary(
  fc.constantFrom('f:a', 'f:b', 'f:ab', 'f:', 'g:a', 'fa:a'),
  fc.constantFrom('', 'x', 'y'),
)

describe('a row', () => {
  test.each<[source: Cells | null, target: Cells | null, verdict: string, columns?: string[]]>([
    [null, null, 'match'],
    [{ 'f:a': '1' }, { 'f:a': '1' }, 'match'],
    [{ 'f:a': '1' }, null, 'missing'],
    [null, { 'f:a': '1' }, 'extra'],
    [{ 'f:a': '1' }, { 'f:a': '2' }, 'different', ['f:a']],
    [{ 'f:a': '1' }, { 'f:a': '' }, 'different', ['f:a']],
    [{ 'f:a': '1' }, { 'f:a': '1', 'f:b': '2' }, 'different', ['f:b']],
    [{ 'f:a': '1', 'f:b': '' }, { 'f:a': '1' }, 'different', ['f:b']],
    [{ 'f:a': '1', 'g:c': '3' }, { 'f:b': '2', 'g:c': '3' }, 'different', ['f:a', 'f:b']],
    [{ 'f:a': '1' }, { 'g:a': '1' }, 'different', ['f:a', 'g:a']],
  ])('of %j stored as %j: %s', (source, target, verdict, columns) => {
    const found = compare(
      source === null ? null : expected(source),
      target === null ? null : stored(target),
    )
    expect(found).toEqual(columns === undefined ? { verdict } : { verdict, columns })
  })

  test('differs in exactly the columns that are not the same on both sides', () => {
    fc.assert(
      fc.property(cells, cells, (source, target) => {
        const names = [...new Set([...Object.keys(source), ...Object.keys(target)])]
        const columns = names.filter((name) => source[name] !== target[name]).sort()
        const found = compare(expected(source), stored(target))
        expect(found.verdict).toBe(columns.length === 0 ? 'match' : 'different')
        expect('columns' in found ? [...found.columns].sort() : []).toEqual(columns)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('the digest of a row', () => {
  const sha = (of: Uint8Array): bigint => createHash('sha256').update(of).digest().readBigUInt64BE()

  test('is the same from the source and from the target, whatever the versions', () => {
    const both = { 'f:a': '1', 'g:b': '' }
    expect(rowDigest(expected(both), sha)).toBe(rowDigest(stored(both), sha))
  })

  test('never takes more than 64 bits', () => {
    expect(rowDigest(expected({}), () => 2n ** 64n + 5n)).toBe(5n)
  })

  test('tells where one part ends and the next begins', () => {
    const one = { 'f:a\0\0\0\0': 'b' }
    const other = { 'f:a': '\0\0\0\0b' }
    expect(rowBytes(expected(one))).toHaveLength(rowBytes(expected(other)).length)
    expect(rowDigest(expected(one), sha)).not.toBe(rowDigest(expected(other), sha))
  })

  test('is made of bytes that differ wherever rows do', () => {
    const rows = fc.constantFrom('', 'r', 'rf', 'r\0')
    fc.assert(
      fc.property(rows, cells, rows, cells, (rowA, a, rowB, b) => {
        const same = rowA === rowB && compare(expected(a), stored(b)).verdict === 'match'
        const order = compareBytes(rowBytes(expected(a, rowA)), rowBytes(stored(b, rowB)))
        expect(order === 0).toBe(same)
      }),
      { numRuns: 2000 },
    )
  })
})
