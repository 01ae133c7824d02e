import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { VerifyReport } from '../../model/project.ts'
import { addCounts, addsUp, isClean, noCounts } from '../../plan/counts.ts'
import { addDigests, formatDigest } from '../../plan/digests.ts'

const digest = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }).map(formatDigest)

describe('digests', () => {
  test('add up to the same sum in any order', () => {
    fc.assert(
      fc.property(fc.array(digest), (all) => {
        const sum = (list: readonly string[]): string =>
          list.reduce(addDigests, noCounts().sourceDigest)
        expect(sum([...all].reverse())).toBe(sum(all))
      }),
    )
  })

  test('show a row that was counted twice', () => {
    fc.assert(
      fc.property(digest, (one) => {
        fc.pre(BigInt(`0x${one}`) !== 0n)
        expect(addDigests(one, one)).not.toBe(one)
        expect(addDigests(addDigests(one, one), formatDigest(0n))).not.toBe(
          formatDigest(0n).repeat(2),
        )
      }),
    )
  })
})

describe('counts', () => {
  const five = { ...noCounts(), rows: 5, matched: 3, missing: 1, different: 1 }

  test('add up when every row read was judged once', () => {
    expect(addsUp(five)).toBe(true)
    expect(addsUp(addCounts(five, { ...five, extra: 7, stored: 9 }))).toBe(true)
  })

  test('do not add up when a row was read and not judged', () => {
    expect(addsUp({ ...five, rows: 6 })).toBe(false)
  })

  test.each(['missing', 'different', 'extra', 'unstable'] as const)(
    'are not clean with one %s',
    (what) => {
      const report: VerifyReport = {
        ...noCounts(),
        table: 'goods',
        mode: 'points',
        ranges: 1,
        differences: 'x',
        startedAt: 0,
        finishedAt: 1,
      }
      expect(isClean(report)).toBe(true)
      expect(isClean({ ...report, [what]: 1 })).toBe(false)
      expect(isClean({ ...report, targetDigest: formatDigest(1n) })).toBe(false)
    },
  )
})
