import { expect, test } from 'vitest'
import { amount, amountsTable, isReached, medians } from '../../bench/amounts.ts'
import { readCommand } from '../../bench/product/options.ts'
import { quantile } from '../../bench/product/quantile.ts'
import { resumedFrom } from '../../bench/product/resume.ts'
import { rowKeyOf } from '../../bench/product/row-key.ts'
import { Sightings } from '../../bench/product/sightings.ts'
import { slope } from '../../bench/product/slope.ts'
import { countIn } from '../../bench/product/worker.ts'
import { fillTable, rowsOf, workloadOf } from '../../bench/product/workloads.ts'
import { rowKeys } from '../../transform/row-key.ts'
import type { TableSchema } from '../../model/table.ts'

test('the slope is 1 when ten times the rows cost ten times as much, and more when they cost more', () => {
  const rows = [1e5, 1e6, 1e7]
  expect(slope(rows, [3, 30, 300])).toBeCloseTo(1)
  expect(slope(rows, [3, 60, 1200])).toBeCloseTo(1 + Math.log10(2))
  // What a start costs, whatever the size, makes it smaller
  expect(slope(rows, [13, 40, 310])).toBeLessThan(0.75)
})

test('a goal is reached by the median, from both sides', () => {
  const goal = { least: 0.95, most: 1.05 }
  expect(isReached(amount('slope', [0.9, 1, 1.3], goal))).toBe(true)
  expect(isReached(amount('slope', [1.1], goal))).toBe(false)
  expect(isReached(amount('slope', [0.9], goal))).toBe(false)
  expect(isReached(amount('slope', [0.9]))).toBeUndefined()
  expect(amountsTable({ slope: amount('slope', [1.1], goal) })).toContain(
    '| slope | 1.1 | 1.1 – 1.1 | at least 0.95, at most 1.05: not met |',
  )
  expect(medians({ slope: amount('slope', [3, 1, 2]) })).toEqual({
    slope: { median: 2, lowest: 1, highest: 3 },
  })
})

test('a quantile is a value that was measured', () => {
  const values = Array.from({ length: 100 }, (_, i) => 100 - i)
  expect([0.5, 0.99, 1].map((share) => quantile(values, share))).toEqual([50, 99, 100])
  expect(quantile([7], 0.99)).toBe(7)
})

test('a change is seen when its row holds it, or a later change of the same row', () => {
  // Two rows, changes 10 to 15: 10, 12 and 14 are of row 0
  const sightings = new Sightings(2, 10, 6)
  expect(sightings.waiting(3, 10)).toEqual([0, 1])
  expect(sightings.waiting(3, 1)).toEqual([0])
  sightings.saw(0, 9, 1)
  sightings.saw(0, 12, 2)
  expect([...sightings.times]).toEqual([2, NaN, 2, NaN, NaN, NaN])
  // Row 1 holds the oldest change that is not seen
  expect(sightings.waiting(6, 10)).toEqual([1, 0])
  sightings.saw(0, 14, 3)
  sightings.saw(1, 11, 4)
  expect(sightings.isComplete).toBe(false)
  sightings.saw(1, 17, 5)
  expect([...sightings.times]).toEqual([2, 4, 2, 5, 3, 5])
  expect(sightings.isComplete).toBe(true)
})

test('rows are written twice when two workers count more than there are, and the first new row comes after those', () => {
  const samples = [0, 0, 1000, 3000, 7000].map((rows, i) => ({ seconds: i + 1, rows }))
  expect(resumedFrom(samples, 5000, 10_000, true)).toEqual({
    anyRow: 3,
    newRow: 4,
    twice: 2000,
    clean: true,
  })
  expect(resumedFrom(samples, 3000, 10_000, false)).toMatchObject({ newRow: 3, twice: 0 })
})

test('rows are counted by their stage in a page of metrics', () => {
  const page = `# HELP longhaul_rows_total Rows loaded, changes applied, rows verified
# TYPE longhaul_rows_total counter
longhaul_rows_total{stage="load",table="orders"} 2000
longhaul_rows_total{stage="load",table="narrow"} 1
longhaul_rows_total{stage="apply",table="bench"} 1.5e+6
other_rows_total{stage="load",table="orders"} 9
`
  expect(countIn(page, 'load')).toBe(2001)
  expect(countIn(page, 'apply')).toBe(1_500_000)
  expect(countIn('', 'load')).toBe(0)
})

test('peers make the row keys longhaul makes', () => {
  const table = {
    name: 'bench.orders',
    key: ['id'],
    columns: [{ name: 'id', kind: 'integer' }],
  } as unknown as TableSchema
  for (const salt of [undefined, 16])
    for (const key of ['1', '42', '99999'])
      expect(rowKeyOf(Buffer.from(key), salt ?? 0).toString()).toBe(
        Buffer.from(rowKeys(salt === undefined ? {} : { salt }, table).encode(key)).toString(),
      )
})

test('large rows are fewer, and a table is filled with every row once', () => {
  expect(rowsOf(workloadOf('blobs'), 1_000_000)).toBe(5_000)
  expect(rowsOf(workloadOf('blobs'), 10)).toBe(1)
  const inserts = [...fillTable(workloadOf('narrow'), 250_000)]
  expect(inserts.map((sql) => /m \+ (\d+) AS n/.exec(sql)?.[1])).toEqual(['0', '100000', '200000'])
})

test('without a kind everything is measured, with --quick a little of everything', () => {
  const all = readCommand(['node', 'main.ts', '--rows', '7', '--sizes', '100,30'])
  expect(all.kinds.map(({ name }) => name)).toEqual([
    'load',
    'peers',
    'sizes',
    'drain',
    'lag',
    'start',
    'resume',
  ])
  expect(all.sizes).toMatchObject({ rows: 7, pairs: 3, sizes: [30, 100], rates: [10, 500, 2000] })
  const quick = readCommand(['node', 'main.ts', 'lag', 'drain', '--quick', '--workload', 'wide'])
  expect(quick.kinds.map(({ name }) => name)).toEqual(['drain', 'lag'])
  expect(quick.sizes).toMatchObject({ rows: 100_000, pairs: 1, kills: 1 })
  expect(quick.sizes.workloads.map(({ name }) => name)).toEqual(['wide'])
})
