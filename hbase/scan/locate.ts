import { holdsBefore } from './coverage.ts'
import type { Deadline } from '../deadline.ts'
import type { Locator } from '../locator.ts'
import type { Region } from '../region.ts'

/** Above any row that people use; a table split above it takes a few more steps. */
const HIGH = Buffer.alloc(64, 0xff)

/**
 * The region that holds the rows right before this one; an empty row stands for the end of the table
 * (RegionLocateType.BEFORE). From a row close before it the walk goes up from region to region.
 */
export async function locateBefore(
  locator: Locator,
  table: string,
  row: Uint8Array,
  deadline: Deadline,
): Promise<Region> {
  let region = await locator.locate(table, closeBefore(row), deadline)
  while (!holdsBefore(region, row) && region.end.length > 0) {
    region = await locator.locate(table, region.end, deadline)
  }
  return region
}

/** The largest row below, or one close to it where that would have 32767 bytes. */
function closeBefore(row: Uint8Array): Uint8Array {
  const last = row.at(-1)
  if (last === undefined) return HIGH
  const head = row.subarray(0, -1)
  return last === 0 ? head : Buffer.concat([head, Buffer.from([last - 1]), HIGH])
}
