import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sampler } from '../../activities/choose.ts'
import { chanceOf, isEnough, noticedFrom, proofOf, sampleOf } from '../../model/sample.ts'

const SIZE = { percent: 1, rows: 10_000, seed: null }

test.each<[estimate: number, part: number]>([
  [100_000_000, 0.01],
  [1_000_000, 0.01],
  [100_000, 0.1],
  [10_000, 1],
  [3, 1],
  [0, 1],
])('of about %i rows a part of %d is a sample', (estimate, part) => {
  expect(sampleOf(SIZE, { estimate, round: 4 })).toEqual({ part, seed: 4 })
})

test('a seed that is given is kept, so that the same rows are looked at again', () => {
  expect(sampleOf({ ...SIZE, seed: 7 }, { estimate: 5, round: 4 }).seed).toBe(7)
})

test('the chance to notice wrong rows is what picking gives', () => {
  const wrong = Array.from({ length: 70 }, (_, i) => Buffer.from(`row ${i}`))
  const noticed = Array.from({ length: 2000 }, (_, seed) =>
    wrong.some(sampler({ part: 0.01, seed })),
  ).filter(Boolean).length
  expect(noticed / 2000).toBeCloseTo(chanceOf(0.01, 70), 1)
  expect(chanceOf(0.01, 1)).toBeCloseTo(0.01)
  expect(chanceOf(1, 1)).toBe(1)
})

test('so many wrong rows are noticed with the chance asked for, one fewer are not', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.0001, max: 0.9, noNaN: true }), (part) => {
      const wrong = noticedFrom(part, 0.99)
      expect(chanceOf(part, wrong)).toBeGreaterThanOrEqual(0.99 - 1e-9)
      expect(chanceOf(part, wrong - 1)).toBeLessThan(0.99 + 1e-9)
    }),
  )
})

test('a seed picks the same rows again, another one others, and all of them are picked from', () => {
  const rows = Array.from({ length: 20_000 }, (_, i) => Buffer.from(String(i)))
  const picked = (seed: number) => rows.filter(sampler({ part: 0.1, seed })).map(String)
  expect(picked(1)).toEqual(picked(1))
  expect(picked(1)).not.toEqual(picked(2))
  expect(picked(1).length).toBeGreaterThan(1800)
  expect(picked(1).length).toBeLessThan(2200)
  expect(rows.filter(sampler({ part: 1, seed: 1 }))).toHaveLength(rows.length)
})

test('a count is less than a sample, a sample less than every cell', () => {
  expect(
    ['points', 'buckets', 'auto', 'sample', 'count'].map((mode) => proofOf(mode as 'auto')),
  ).toEqual([...['full', 'full', 'full', 'sample', 'count']])
  expect([isEnough('full', 'sample'), isEnough('sample', 'sample')]).toEqual([true, true])
  expect([isEnough('sample', 'full'), isEnough('count', 'sample')]).toEqual([false, false])
})
