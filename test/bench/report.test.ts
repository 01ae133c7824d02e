import { expect, test } from 'vitest'
import { isRight, tableOf } from '../../bench/compat/page.ts'
import { figure, isMet, markdownOf } from '../../bench/figures.ts'
import { figuresOf } from '../../bench/hbase/report.ts'
import type { Both } from '../../bench/figures.ts'
import type { Measured, Pair } from '../../bench/hbase/series.ts'
import type { Pass } from '../../bench/hbase/program.ts'

const pass = (cpuSeconds: number, seconds = 1): Measured<Pass> => ({
  ...{ rows: 1_000_000, cpuSeconds, seconds, foreign: 0, load: 0 },
})

const passes = (ours: number, theirs: number): Both<Measured<Pass>> => ({
  ours: pass(ours),
  theirs: pass(theirs),
})

const scans = (ours: number, theirs: number) => ({
  ours: { ...pass(ours), sum: 0 },
  theirs: { ...pass(theirs), sum: 0 },
})

const single = (p99Ms: number) => ({ ...pass(1), p50Ms: 1, p99Ms })

const pair = (ours: number, theirs: number): Pair => ({
  cold: passes(ours, theirs),
  warm: passes(ours, theirs),
  scanCold: scans(ours, theirs),
  scanWarm: scans(ours, theirs),
  singles: { ours: single(2), theirs: single(1) },
  writeMb: { ours: 149, theirs: 400 },
  peakMb: { ours: 160, theirs: 400 },
})

test('a ratio is the median of its pairs, with the lowest and highest beside it', () => {
  const { writeCpu } = figuresOf([pair(1, 4), pair(2, 4), pair(3, 4)], [])
  expect(writeCpu?.ratio).toEqual({ median: 0.5, lowest: 0.25, highest: 0.75 })
  expect(writeCpu?.ours).toBe(2)
})

test('a ratio to nothing is left out', () => {
  const idle = figure('CPU-µs per row of Temporal', [{ ours: 2, theirs: 0 }])
  expect(markdownOf({ idle })).toContain('| CPU-µs per row of Temporal | 2 | 0 |  |  |')
})

test('tells which goals are met, and which are not', () => {
  const figures = figuresOf([pair(1, 4)], [pass(100)])
  const met = Object.entries(figures).map(([name, figure]) => [name, isMet(figure)])
  expect(Object.fromEntries(met)).toMatchObject({
    writeCpu: true,
    writeCpuCold: undefined,
    writeRate: true,
    singleP99: false,
    writeMb: true,
    rowsPerCpuSecond: true,
  })
  expect(markdownOf(figures)).toContain('at most 1.2: not met')
})

test('shows in bold what a client does other than expected', () => {
  const one = {
    ...{ title: 'A scan', expected: '60 rows', right: /^60 rows/ },
    ...{ old: () => Promise.resolve(''), ours: () => Promise.resolve('') },
  }
  expect(isRight(one, '60 rows and no error')).toBe(true)
  expect(tableOf([{ one, old: '40 rows and no error', ours: '60 rows' }])).toContain(
    '| A scan | 60 rows | **40 rows and no error** | 60 rows |',
  )
})
