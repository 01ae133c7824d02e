import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hash } from '../../activities/hash.ts'
import type { SourcePage } from '../../activities/pages.ts'
import { addExpected, addStored } from '../../activities/row-sums.ts'
import { equalBytes } from '../../model/bytes.ts'
import type { StoredRow } from '../../model/mutation.ts'
import { RowPage } from '../../model/page.ts'
import type { Row } from '../../model/value.ts'
import { Buckets, bucketOf } from '../../plan/buckets.ts'
import { rowDigest } from '../../plan/digest.ts'
import { MemoryPage } from '../../sinks/memory/stored-page.ts'
import { compile } from '../../transform/compile.ts'
import type { ExpectedRow } from '../../transform/transform.ts'
import { mapping, table } from '../transform/tables.ts'

const schema = table('id integer !', 'name text', 'note text')
const transform = compile(mapping(), schema)
const VERSIONS = { oldest: 10, newest: 20 }

const value = fc.oneof(
  fc.constant(null),
  fc.uint8Array({ maxLength: 90 }),
  fc.constant(new Uint8Array(3000).fill(5)),
)
const rows = fc
  .array(fc.tuple(value, value), { maxLength: 12 })
  .map((all) => all.map((values, i) => [Buffer.from(String(i * 37)), ...values]))

/** One by one, as their digests are defined. */
function plainSums(all: readonly (ExpectedRow | StoredRow)[]): Buckets {
  const buckets = new Buckets()
  for (const row of all) buckets.addRow(bucketOf(row.row), row.cells.length, rowDigest(row, hash))
  return buckets
}

const stored = (all: readonly ExpectedRow[], version = 10): StoredRow[] =>
  all.map(({ row, cells }) => ({
    row,
    cells: cells.map(({ column, value: bytes }) => ({
      ...column,
      version,
      value: bytes ?? new Uint8Array(0),
    })),
  }))

const pageOf = (all: readonly Row[]): SourcePage => {
  const keys = all.map((row) => transform.key(row))
  return { length: all.length, keys, last: keys.at(-1) ?? '', rows: RowPage.of(3, all) }
}

async function storedSums(all: readonly StoredRow[], keysOnly = false): Promise<Buckets> {
  const buckets = new Buckets()
  const versions = () => Promise.resolve(VERSIONS)
  await addStored(new MemoryPage(all), buckets, { keysOnly, versions })
  return buckets
}

const same = (a: Buckets, b: Buckets): boolean => equalBytes(a.toBytes(), b.toBytes())

test('rows of both sides add up as their digests do', async () => {
  await fc.assert(
    fc.asyncProperty(rows, async (all) => {
      const expected = all.map((row) => transform.expected(row))
      const buckets = new Buckets()
      addExpected(pageOf(all), buckets, { transform })
      expect(same(buckets, plainSums(expected))).toBe(true)
      expect(same(await storedSums(stored(expected)), buckets)).toBe(true)
    }),
    { numRuns: 60 },
  )
})

test('of both sides only the chosen rows are added, with their cells or without', async () => {
  const all = Array.from({ length: 50 }, (_, i) => [Buffer.from(String(i)), Buffer.from('x'), null])
  const isChosen = (row: Uint8Array): boolean => (row.at(-1) ?? 0) % 3 === 0
  const chosen = all.map((row) => transform.expected(row)).filter(({ row }) => isChosen(row))
  const versions = () => Promise.resolve(VERSIONS)
  for (const keysOnly of [false, true]) {
    const wanted = plainSums(keysOnly ? chosen.map(({ row }) => ({ row, cells: [] })) : chosen)
    const [source, target] = [new Buckets(), new Buckets()]
    const page = { ...pageOf(all), ...(keysOnly ? { rows: null } : {}) }
    addExpected(page, source, { transform, isChosen })
    const rows = stored(all.map((row) => transform.expected(row)))
    await addStored(new MemoryPage(rows), target, { keysOnly, versions, isChosen })
    expect(same(source, wanted)).toBe(true)
    expect(same(target, wanted)).toBe(true)
  }
})

test.each([
  ['older than the load', 9],
  ['newer than any token', 21],
])('a cell that is %s is a difference, and of keys alone it is none', async (_, version) => {
  const all = [1, 2, 3].map((i) => transform.expected([Buffer.from(String(i)), null, null]))
  const [one, ...others] = stored(all)
  const odd = [...stored(all.slice(0, 1), version), ...others]
  expect(one).toBeDefined()
  expect(same(await storedSums(stored(all, 20)), plainSums(all))).toBe(true)
  expect(same(await storedSums(odd), plainSums(all))).toBe(false)
  const keys = all.map(({ row }) => ({ row, cells: [] }))
  expect(same(await storedSums(odd, true), plainSums(keys))).toBe(true)
})

test('versions are asked for with the newest of the page', async () => {
  const all = stored([transform.expected([Buffer.from('1'), Buffer.from('a'), null])], 15)
  const asked: number[] = []
  await addStored(new MemoryPage(all), new Buckets(), {
    keysOnly: false,
    versions: (newest) => Promise.resolve((asked.push(newest), VERSIONS)),
  })
  expect(asked).toEqual([15])
})
