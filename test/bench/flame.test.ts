import { expect, test } from 'vitest'
import { flameGraphOf, sharesOf, type CpuProfile } from '../../bench/profile/flame.ts'

const node = (id: number, functionName: string, children: number[] = []) => ({
  id,
  callFrame: {
    functionName,
    url: functionName.startsWith('(') ? '' : 'file:///dist/worker.js',
    lineNumber: 9,
  },
  children,
})

/** main calls a, a calls b, and b calls a again; 100 of 1,000 µs are spent waiting. */
const profile: CpuProfile = {
  nodes: [
    node(1, '(root)', [2, 3, 6]),
    node(2, '(idle)'),
    node(3, 'a', [4]),
    node(4, '<b>', [5]),
    node(5, 'a'),
    node(6, '(garbage collector)'),
  ],
  samples: [2, 3, 4, 5, 6],
  timeDeltas: [100, 300, 300, 210, 90],
}

test('the share of a function is its own time of all that was worked', () => {
  const shares = Object.fromEntries(sharesOf(profile))
  expect(shares['a dist/worker.js:10']).toBeCloseTo(510 / 900)
  expect(shares['<b> dist/worker.js:10']).toBeCloseTo(300 / 900)
  expect(shares['(garbage collector)']).toBeCloseTo(0.1)
  expect(Object.keys(shares)).not.toContain('(idle)')
})

test('a flame graph is as wide as the time, and its names are text', () => {
  const svg = flameGraphOf(profile, 'a & b')
  expect(svg).toContain('a &amp; b')
  expect(svg).toContain('<title>&lt;b&gt; dist/worker.js:10: 56.7 %</title>')
  const widths = [
    ...svg.matchAll(/<title>(\S+) [^<]*<\/title><rect x="[\d.]+" y="\d+" width="([\d.]+)"/g),
  ]
  expect(widths.map(([, name, width]) => [name, Number(width)])).toEqual([
    ['all:', 1200],
    ['a', 1080],
    ['&lt;b&gt;', 680],
    ['a', 280],
    ['(garbage', 120],
  ])
})
