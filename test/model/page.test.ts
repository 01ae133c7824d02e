import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RowPage } from '../../model/page.ts'
import type { Row } from '../../model/value.ts'

const value = fc.oneof(
  fc.uint8Array({ maxLength: 12 }),
  fc.constant(null),
  fc.constant(new Uint8Array(5000).fill(7)),
)
const rows = fc.array(fc.tuple(value, value, value), { maxLength: 40 })

const plain = (all: Iterable<Row>): unknown[] =>
  Array.from(all, (row) =>
    row.map((one) => (one === null ? null : Buffer.from(one).toString('hex'))),
  )

test('gives the rows back that it was made of, one by one and all together', () => {
  fc.assert(
    fc.property(rows, (given) => {
      const page = RowPage.of(3, given)
      expect(page.length).toBe(given.length)
      expect(plain(page)).toEqual(plain(given))
      for (const row of [0, 1, -1, given.length, -given.length])
        expect(plain([page.at(row) ?? []])).toEqual(plain([given.at(row) ?? []]))
    }),
  )
})

test('keeps nothing of the memory it was given', () => {
  const given = Buffer.from('cup')
  const page = RowPage.of(1, [[given]])
  given.fill('x')
  expect(plain(page)).toEqual([['637570']])
})

test('changes the values of one column, and no NULL', () => {
  fc.assert(
    fc.property(rows, (given) => {
      const page = RowPage.of(3, given)
      page.changeColumn(1, (bytes) => Buffer.concat([bytes, Buffer.from('!')]))
      const wanted = given.map(([a, b, c]) => [
        a,
        b === null ? null : Buffer.concat([b, Buffer.from('!')]),
        c,
      ])
      expect(plain(page)).toEqual(plain(wanted))
    }),
  )
})
