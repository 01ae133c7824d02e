import type { Parcel, Part } from './parcel.ts'
import type { Region } from './region.ts'

export interface PackingLimits {
  readonly actions: number
  readonly bytes: number
  sizeOf(item: number): number
  /** The most items one RegionAction may have that holds this one. */
  partLimitOf(item: number): number
}

/**
 * Packs the items of each region into requests to its server. Items keep their order; a region may
 * have several parts, and a request parts of several regions. `laneOf` names the queue a region's
 * requests wait in.
 */
export function pack(
  groups: ReadonlyMap<Region, readonly number[]>,
  limits: PackingLimits,
  laneOf: (region: Region) => string,
): Parcel[] {
  const parcels: Parcel[] = []
  const open = new Map<string, OpenParcel>()
  for (const [region, items] of groups) {
    const lane = laneOf(region)
    let parcel = open.get(lane)
    for (const item of items) {
      if (parcel === undefined || !parcel.fits(limits.sizeOf(item), limits)) {
        parcel = new OpenParcel(region.server, lane)
        open.set(lane, parcel)
        parcels.push(parcel)
      }
      parcel.add(region, item, limits)
    }
  }
  return parcels
}

class OpenParcel implements Parcel {
  readonly server: string
  readonly lane: string
  readonly parts: OpenPart[] = []
  bytes = 0
  #actions = 0

  constructor(server: string, lane: string) {
    this.server = server
    this.lane = lane
  }

  fits(bytes: number, limits: PackingLimits): boolean {
    if (this.#actions === 0) return true
    return this.#actions < limits.actions && this.bytes + bytes <= limits.bytes
  }

  add(region: Region, item: number, limits: PackingLimits): void {
    const limit = limits.partLimitOf(item)
    let part = this.parts.at(-1)
    if (part?.region !== region || part.items.length >= Math.min(part.limit, limit)) {
      part = { region, items: [], limit }
      this.parts.push(part)
    }
    part.items.push(item)
    part.limit = Math.min(part.limit, limit)
    this.bytes += limits.sizeOf(item)
    this.#actions++
  }
}

interface OpenPart extends Part {
  readonly items: number[]
  limit: number
}
