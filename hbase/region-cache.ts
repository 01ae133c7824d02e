import { holds } from './region.ts'
import type { Region } from './region.ts'
import type { Move } from './faults.ts'
import { at } from './at.ts'
import { compareBytes } from './bytes.ts'

/** The known regions of one table, sorted by start key; never two that overlap. */
export class RegionCache {
  #regions: Region[] = []
  #last: Region | undefined

  find(row: Uint8Array): Region | undefined {
    // Rows mostly come in order, so the region of the row before is the best guess.
    if (this.#last !== undefined && holds(this.#last, row)) return this.#last
    const region = this.#regions[this.#after(row) - 1]
    if (region === undefined || !holds(region, row)) return undefined
    this.#last = region
    return region
  }

  /**
   * Takes a region in and drops older ones it overlaps; an older one than those known is ignored,
   * as is an older place of the same one (AsyncRegionLocationCache.add).
   */
  add(region: Region): void {
    const overlapping = this.#regions.filter((known) => overlap(known, region))
    if (overlapping.some((known) => outranks(known, region))) return
    const kept = this.#regions.filter((known) => !overlapping.includes(known))
    const at = kept.findIndex(({ start }) => Buffer.compare(start, region.start) > 0)
    kept.splice(at < 0 ? kept.length : at, 0, region)
    this.#regions = kept
    this.#last = undefined
  }

  /**
   * Follows a server's word on where a region went. Only the word of a later opening than the known
   * one counts: servers remember where a region went until they open it again, so that during a
   * move to and fro both point at each other (AsyncRegionLocatorHelper.updateCachedLocationOnError).
   * False when it does not count.
   */
  move(region: Region, { server, seqNum }: Move): boolean {
    const known = this.#regions.find(({ name }) => name.equals(region.name))
    if (known === undefined || seqNum <= known.seqNum) return false
    this.add({ ...known, server, seqNum })
    return true
  }

  remove(region: Region): void {
    this.#regions = this.#regions.filter((known) => known !== region)
    this.#last = undefined
  }

  removeServer(server: string): void {
    this.#regions = this.#regions.filter((known) => known.server !== server)
    this.#last = undefined
  }

  /** Index of the first region that starts after the row. */
  #after(row: Uint8Array): number {
    let low = 0
    let high = this.#regions.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (compareBytes(at(this.#regions, middle).start, row) <= 0) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** Made later; or a later place of the same region, or no other place. */
function outranks(known: Region, region: Region): boolean {
  if (known.id !== region.id) return known.id > region.id
  if (known.seqNum !== region.seqNum) return known.seqNum > region.seqNum
  return known.server === region.server
}

const overlap = (a: Region, b: Region): boolean =>
  (b.end.length === 0 || Buffer.compare(a.start, b.end) < 0) &&
  (a.end.length === 0 || Buffer.compare(b.start, a.end) < 0)
