import type { Link } from '../model/project.ts'
import { hash32 } from '../model/hash32.ts'
import { addCounts, noCounts, type Counts } from './counts.ts'
import { formatDigest } from './digests.ts'
import { LINKS } from './links.ts'

/** Enough that one difference in a hundred million rows sends but 1,500 of them to a second look. */
const COUNT = 65_536
const BYTES_OF_SUMS = COUNT * BigUint64Array.BYTES_PER_ELEMENT
const BYTES_OF_COUNTS = COUNT * Uint32Array.BYTES_PER_ELEMENT
const LINK_BUCKETS = COUNT / LINKS
const BYTES = BYTES_OF_SUMS + 2 * BYTES_OF_COUNTS

/** Where a row is summed, whichever side it comes from: by its row key, which lies from `start` to `end`. */
export const bucketOf = (bytes: Uint8Array, start = 0, end = bytes.length): number =>
  hash32(bytes, start, end) >>> 16

/**
 * The rows of one side of a table, in any order: how many, how many cells, and the sum of their digests modulo
 * 2^64, for each of 65,536 buckets. Takes 1 MB at any number of rows. A row read twice shows.
 */
export class Buckets {
  private readonly sums: BigUint64Array
  private readonly rows: Uint32Array
  private readonly cells: Uint32Array

  /** Of `toBytes`. */
  constructor(bytes: Uint8Array = new Uint8Array(BYTES)) {
    if (bytes.length !== BYTES) throw new RangeError(`${bytes.length} bytes are no buckets`)
    const { buffer } = new Uint8Array(bytes) // a Buffer may begin anywhere in a larger one
    this.sums = new BigUint64Array(buffer, 0, COUNT)
    this.rows = new Uint32Array(buffer, BYTES_OF_SUMS, COUNT)
    this.cells = new Uint32Array(buffer, BYTES_OF_SUMS + BYTES_OF_COUNTS, COUNT)
  }

  toBytes(): Uint8Array {
    return new Uint8Array(this.sums.buffer).slice()
  }

  get size(): number {
    return this.rows.reduce((sum, rows) => sum + rows, 0)
  }

  addRow(bucket: number, cells: number, digest: bigint): void {
    this.add(bucket, digest, 1, cells)
  }

  addAll(other: Buckets): void {
    for (let i = 0; i < COUNT; i++)
      this.add(i, other.sums[i] ?? 0n, other.rows[i] ?? 0, other.cells[i] ?? 0)
  }

  /** Buckets that differ, and the count of the rows in all that do not: these match. */
  compare(target: Buckets): { readonly unequal: BucketSet; readonly equal: Counts } {
    const unequal = new BucketSet()
    const links: Record<string, Link> = {}
    let counts = noCounts()
    for (let no = 0; no < LINKS; no++) {
      const equal = this.equalIn(target, no, unequal)
      if (equal.rows > 0) links[no] = equal
      const { rows, cells, digest } = equal
      const sums = { sourceDigest: digest, targetDigest: digest }
      counts = addCounts(counts, {
        ...noCounts(),
        ...{ rows, matched: rows, stored: rows, cells, ...sums },
      })
    }
    return { unequal, equal: { ...counts, links } }
  }

  /** The rows of a link that are in equal buckets; the others are added to `unequal`. */
  private equalIn(target: Buckets, link: number, unequal: BucketSet): Link {
    let rows = 0
    let cells = 0
    let digest = 0n
    for (let i = link * LINK_BUCKETS; i < (link + 1) * LINK_BUCKETS; i++) {
      if (this.isEqual(target, i)) {
        rows += this.rows[i] ?? 0
        cells += this.cells[i] ?? 0
        digest += this.sums[i] ?? 0n
      } else unequal.add(i)
    }
    return { rows, cells, digest: formatDigest(digest) }
  }

  private add(bucket: number, sum: bigint, rows: number, cells: number): void {
    this.sums[bucket] = (this.sums[bucket] ?? 0n) + sum // a BigUint64Array keeps the lower 64 bits
    this.rows[bucket] = (this.rows[bucket] ?? 0) + rows
    this.cells[bucket] = (this.cells[bucket] ?? 0) + cells
  }

  private isEqual(other: Buckets, i: number): boolean {
    return (
      this.sums[i] === other.sums[i] &&
      this.rows[i] === other.rows[i] &&
      this.cells[i] === other.cells[i]
    )
  }
}

/** Some of the buckets, one bit each. */
export class BucketSet {
  private readonly bits: Uint8Array
  size = 0

  /** Of `toBytes`. */
  constructor(bytes: Uint8Array = new Uint8Array(COUNT / 8)) {
    if (bytes.length !== COUNT / 8)
      throw new RangeError(`${bytes.length} bytes are no set of buckets`)
    this.bits = new Uint8Array(bytes)
    for (let i = 0; i < COUNT; i++) if (this.has(i)) this.size++
  }

  toBytes(): Uint8Array {
    return this.bits.slice()
  }

  add(bucket: number): void {
    if (this.has(bucket)) return
    this.bits[bucket >> 3] = (this.bits[bucket >> 3] ?? 0) | (1 << (bucket & 7))
    this.size++
  }

  has(bucket: number): boolean {
    return (((this.bits[bucket >> 3] ?? 0) >> (bucket & 7)) & 1) === 1
  }
}
