import { expect, test } from 'vitest'
import { MatchedRows } from '../../model/matched-rows.ts'
import { RowPage } from '../../model/page.ts'

const row = (...values: string[]) => values.map((value) => Buffer.from(value))
const keyOf = (page: RowPage, at: number): string => page.ascii(at, 0)
const shown = (found: MatchedRows) =>
  [...found].map(([key, values]) => [
    key,
    ...values.map((value) => Buffer.from(value ?? '').toString()),
  ])

test('has the rows that were asked for, in that order, and no other', () => {
  const found = new MatchedRows(['c', 'gone', 'a', 'b'])
  found.add(RowPage.of(2, [row('a', '1'), row('B', '2')]), keyOf)
  found.add(RowPage.of(2, [row('b', '3'), row('c', '4'), row('d', '5')]), keyOf)
  expect(shown(found)).toEqual([
    ['c', 'c', '4'],
    ['a', 'a', '1'],
    ['b', 'b', '3'],
  ])
  expect([...found.keys()]).toEqual(['c', 'a', 'b'])
  expect(found.size).toBe(3)
  expect(found.get('gone')).toBeUndefined()
  expect(found.place('B')).toBeUndefined()
  expect(found.place('c')).toMatchObject({ row: 1 })
})

test('counts a row once that was found twice', () => {
  const found = new MatchedRows(['a'])
  for (const value of ['1', '2']) found.add(RowPage.of(2, [row('a', value)]), keyOf)
  expect(found.size).toBe(1)
  expect(shown(found)).toEqual([['a', 'a', '2']])
})

test('copies the rows it is made of', () => {
  const values = row('a', '1')
  const found = MatchedRows.of([['a', values]])
  values[1]?.fill('x')
  expect(shown(found)).toEqual([['a', 'a', '1']])
})
