import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { VerifyReport } from '../../model/project.ts'
import { addCounts, addsUp, isClean, lookedAgain, noCounts } from '../../plan/counts.ts'
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

describe('a second look at what differed', () => {
  const hex = (sum: number): string => formatDigest(BigInt(sum))
  const link = (rows: number, digest: number) => ({ rows, cells: 2 * rows, digest: hex(digest) })
  const first = {
    ...noCounts(),
    ...{ rows: 10, matched: 8, missing: 1, different: 1, extra: 2, stored: 11, cells: 16 },
    // of the rows that differed too
    ...{ sourceDigest: hex(999), targetDigest: hex(777) },
    links: { 0: link(5, 50), 7: link(3, 30) },
  }

  test('takes the place of what they were, and leaves what matched', () => {
    const again = {
      ...noCounts(),
      ...{ rows: 2, matched: 2, cells: 4, sourceDigest: hex(9), targetDigest: hex(9) },
      links: { 7: link(1, 4), 9: link(1, 5) },
    }
    const now = lookedAgain(first, again)
    expect(now).toMatchObject({
      ...{ rows: 10, matched: 10, missing: 0, different: 0, extra: 0, stored: 10, cells: 20 },
      ...{ sourceDigest: hex(89), targetDigest: hex(89) },
      links: { 0: link(5, 50), 7: link(4, 34), 9: link(1, 5) },
    })
    expect(now !== null && addsUp(now)).toBe(true)
  })

  test('keeps what still differs, and a row the source has no more is none', () => {
    const again = { ...noCounts(), ...{ rows: 1, different: 1, extra: 1 } }
    expect(lookedAgain(first, again)).toMatchObject({
      ...{ rows: 9, matched: 8, missing: 0, different: 1, extra: 1, stored: 10 },
    })
  })

  test('is not enough where rows were left undecided, which no list names', () => {
    expect(lookedAgain({ ...first, unstable: 1 }, noCounts())).toBeNull()
  })
})
