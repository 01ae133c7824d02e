import type { Link, Links } from '../model/project.ts'
import { addDigests } from './digests.ts'

/** So few that the links of a thousand tables fit into one history, so many that a look at one tells something. */
export const LINKS = 16
const BUCKETS_BITS = 12

/** The link of a row, by its bucket: the same on both sides, whatever the order of its key. */
export const linkOf = (bucket: number): number => bucket >> BUCKETS_BITS

const NONE: Link = { rows: 0, cells: 0, digest: '0'.repeat(16) }

/** Whether two links tell of the same rows. */
export const isSameLink = (a: Link = NONE, b: Link = NONE): boolean =>
  a.rows === b.rows && a.cells === b.cells && a.digest === b.digest

export const addLinks = (a: Links, b: Links): Links => {
  const sum: Record<string, Link> = { ...a }
  for (const [no, { rows, cells, digest }] of Object.entries(b)) {
    const before = sum[no] ?? NONE
    sum[no] = {
      rows: before.rows + rows,
      cells: before.cells + cells,
      digest: addDigests(before.digest, digest),
    }
  }
  return sum
}

/** The sum of the digests of all rows. */
export const digestOfLinks = (links: Links): string =>
  Object.values(links).reduce((sum, { digest }) => addDigests(sum, digest), NONE.digest)
