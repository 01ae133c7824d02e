import type { Region } from './region.ts'

/** The items of one RegionAction. Items are positions in the caller's list. */
export interface Part {
  readonly region: Region
  readonly items: readonly number[]
}

/** The parts of one Multi. */
export interface Parcel {
  readonly server: string
  /** The queue it waits in; what must not overlap shares a lane. */
  readonly lane: string
  readonly parts: readonly Part[]
  readonly bytes: number
}
