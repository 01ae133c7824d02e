import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Buckets, BucketSet, bucketOf } from '../../plan/buckets.ts'
import { formatDigest } from '../../plan/digests.ts'
import { addLinks, digestOfLinks, linkOf, LINKS } from '../../plan/links.ts'

interface Row {
  readonly key: bigint
  readonly cells: number
  readonly digest: bigint
}

const bucketOfKey = (key: bigint): number => bucketOf(Buffer.from(String(key)))

const word = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n })
const row: fc.Arbitrary<Row> = fc.record({ key: word, cells: fc.nat(99), digest: word })
const rows = fc.uniqueArray(row, { selector: ({ key }) => key, minLength: 2, maxLength: 50 })

const summed = (all: readonly Row[]): Buckets => {
  const buckets = new Buckets()
  for (const { key, cells, digest } of all) buckets.addRow(bucketOfKey(key), cells, digest)
  return buckets
}

const linkOfRow = ({ cells, digest }: Row) => ({
  rows: 1,
  cells,
  digest: formatDigest(digest),
})

/** As a driver hands bytes out: somewhere in a larger buffer. */
const inside = (bytes: Uint8Array): Buffer => Buffer.concat([Buffer.alloc(5), bytes]).subarray(5)

describe('buckets', () => {
  test('T90 are equal whatever the order of the rows and however they are split', () => {
    fc.assert(
      fc.property(rows, fc.nat(), (all, cut) => {
        const parts = summed(all.slice(cut % all.length))
        parts.addAll(summed(all.slice(0, cut % all.length)))
        const { unequal, equal } = summed([...all].reverse()).compare(parts)
        expect(unequal.size).toBe(0)
        expect(equal).toMatchObject({
          rows: all.length,
          matched: all.length,
          stored: all.length,
          cells: all.reduce((sum, { cells }) => sum + cells, 0),
        })
        expect(equal.sourceDigest).toBe(equal.targetDigest)
        // the same rows, whichever way they were compared
        expect(digestOfLinks(equal.links ?? {})).toBe(equal.sourceDigest)
        const oneByOne = all
          .map((one) => ({ [linkOf(bucketOfKey(one.key))]: linkOfRow(one) }))
          .reduce(addLinks, {})
        expect(equal.links).toEqual(oneByOne)
      }),
    )
  })

  test('tell the bucket of a row that differs, is missing, or is there twice', () => {
    fc.assert(
      fc.property(rows, ([first, ...others]) => {
        if (first === undefined) return
        const all = [first, ...others]
        const unequal = (seen: readonly Row[]): BucketSet =>
          summed(all).compare(summed(seen)).unequal
        const other = { ...first, digest: first.digest ^ 1n }
        for (const seen of [others, [...all, first], [other, ...others]]) {
          expect(unequal(seen).size).toBe(1)
          expect(unequal(seen).has(bucketOfKey(first.key))).toBe(true)
        }
      }),
    )
  })

  test('count what is equal only, and lose no row of it', () => {
    const shared = { key: 7n, cells: 3, digest: 5n }
    const one = summed([shared, { key: 8n, cells: 2, digest: 1n }])
    const { unequal, equal } = one.compare(summed([shared]))
    expect([unequal.size, equal.rows, equal.cells]).toEqual([1, 1, 3])
  })

  test('fill evenly, also with keys that differ in their last digit only', () => {
    const rowsIn = new Uint32Array(LINKS)
    for (let i = 0; i < 16_000; i++) {
      const no = linkOf(bucketOfKey(BigInt(i)))
      rowsIn[no] = (rowsIn[no] ?? 0) + 1
    }
    expect(Math.min(...rowsIn)).toBeGreaterThan(800)
    expect(Math.max(...rowsIn)).toBeLessThan(1200)
  })

  test('are the same after a rest as bytes', () => {
    fc.assert(
      fc.property(rows, (all) => {
        const again = new Buckets(inside(summed(all).toBytes()))
        expect(again.size).toBe(all.length)
        expect(summed(all).compare(again).unequal.size).toBe(0)
        const { unequal } = summed(all).compare(new Buckets())
        const read = new BucketSet(inside(unequal.toBytes()))
        expect(read.size).toBe(unequal.size)
        for (const { key } of all) expect(read.has(bucketOfKey(key))).toBe(true)
      }),
      { numRuns: 20 },
    )
    expect(() => new Buckets(new Uint8Array(3))).toThrow('3 bytes are no buckets')
  })
})
