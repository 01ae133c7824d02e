import { BufferPool } from './buffers.ts'
import { Flights } from './flights.ts'
import type { Locator } from './locator.ts'
import type { Pool } from './pool.ts'

/** What all operations of one client share. */
export interface Wires {
  readonly pool: Pool
  readonly locator: Locator
  readonly buffers: BufferPool
  readonly flights: Flights
}

export const wire = (pool: Pool, locator: Locator): Wires => ({
  pool,
  locator,
  buffers: new BufferPool(),
  flights: new Flights(),
})
