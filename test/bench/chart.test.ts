import { expect, test } from 'vitest'
import { chartOf } from '../../bench/product/comparison.ts'
import type { Measured } from '../../bench/product/measure.ts'
import type { Pair } from '../../bench/product/series.ts'

const measured = (loadSeconds: number, client: number): Measured => ({
  rows: 1_000_000,
  seconds: loadSeconds,
  loadSeconds,
  cpu: { client, source: 1, hbase: 10, temporal: 0 },
  foreign: 0,
  load: 0,
})
const pair = (ours: Measured, theirs: Measured): Pair => {
  const both = { ours, theirs }
  return { cold: both, warm: both, peakMb: { ours: 1, theirs: 1 } }
}

test('the middle pair is drawn, each bar as long as its number', () => {
  const pairs = [
    pair(measured(10, 4), measured(20, 9)),
    pair(measured(1000, 4), measured(1, 9)),
    pair(measured(10, 4), measured(20, 9)),
  ]
  const svg = chartOf(pairs, 'Java')
  expect([...svg.matchAll(/>([\d.,]+)<\/text>/g)].map(([, number]) => number)).toEqual([
    '100,000',
    '50,000',
    '15.0',
    '20.0',
  ])
  const bars = [...svg.matchAll(/width="([\d.]+)" height="26"/g)].map(([, width]) => Number(width))
  expect(bars.slice(0, 2)).toEqual([440, 220])
  // worker or loader, source, HBase, Temporal
  expect(bars.slice(2)).toEqual([88, 22, 220, 0, 198, 22, 220, 0])
})
