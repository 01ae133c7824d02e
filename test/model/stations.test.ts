import { expect, test } from 'vitest'
import { limitOf, type Shares, type Station } from '../../model/stations.ts'

const range = (shares: Partial<Shares>): Shares => ({
  source: 0,
  hbase: 0,
  limit: 0,
  busy: 0.3,
  ...shares,
})

test.each<[what: string, ranges: Shares[], limit: Station | null]>([
  ['the source, when the next rows are waited for', [range({ source: 0.9 })], 'source'],
  ['HBase, when writes are waited for', [range({ hbase: 0.9 })], 'hbase'],
  [
    'the source, though the worker computes longer than it waits: both at the same time',
    [range({ source: 0.4, hbase: 0.02, busy: 0.7 })],
    'source',
  ],
  [
    'what is waited for longer, when both are',
    [range({ source: 0.3, hbase: 0.5 }), range({ source: 0.4, hbase: 0.3 })],
    'hbase',
  ],
  [
    'the worker, when its thread is never idle, whatever is waited for meanwhile',
    [range({ source: 0.7, busy: 0.95 }), range({ hbase: 0.8, busy: 0.95 })],
    'worker',
  ],
  [
    'a limit, as soon as anything waits on purpose',
    [range({ source: 0.6, limit: 0.1, busy: 0.95 })],
    'limit',
  ],
  ['nothing, when it is somewhere else', [range({ source: 0.03, hbase: 0.02 })], null],
  ['nothing, before anything was told', [], null],
])('what limits a table is %s', (_what, ranges, limit) => {
  expect(limitOf(ranges)).toBe(limit)
})
