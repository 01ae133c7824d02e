import { BufferPool } from './buffers.ts'
import { Gate } from './gate.ts'
import type { Locator } from './locator.ts'
import type { Pool } from './pool.ts'

const REQUESTS_PER_SERVER = 4
const BYTES_IN_FLIGHT = 64 << 20

/** What all operations of one client share. */
export interface Wires {
  readonly pool: Pool
  readonly locator: Locator
  readonly buffers: BufferPool
  readonly gates: Gates
}

export interface Gates {
  /** By server: requests that may overtake each other. */
  readonly server: Gate
  /** By lane: one request at a time, so that a region never has two atomic changes in flight. */
  readonly atomic: Gate
  /** All requests together, by bytes. */
  readonly bytes: Gate
}

export const wire = (pool: Pool, locator: Locator): Wires => ({
  pool,
  locator,
  buffers: new BufferPool(),
  gates: {
    server: new Gate(REQUESTS_PER_SERVER),
    atomic: new Gate(1),
    bytes: new Gate(BYTES_IN_FLIGHT),
  },
})
