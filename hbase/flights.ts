import type { Deadline } from './deadline.ts'
import { Fault, SlowCall } from './faults.ts'
import { Gate } from './gate.ts'
import { Pace } from './pace.ts'

/** In all, and for one server: a server that is gone cannot hold what the others need. */
const BYTES_IN_FLIGHT = 64 << 20
const BYTES_PER_SERVER = 16 << 20

/** What is to be sent, and where. */
export interface Load {
  readonly server: string
  readonly bytes: number
  /** Requests of one lane never overlap. */
  readonly lane?: string | undefined
}

/** Lets as many requests with rows out as each server can take, and no more bytes than memory should hold. */
export class Flights {
  readonly #paces = new Map<string, Pace>()
  readonly #under = new Map<string, number>()
  readonly #windows = new Gate({ capacityOf: (server) => this.#pace(server).limit })
  readonly #lanes = new Gate({ capacityOf: () => 1 })
  readonly #bytes = new Gate({ capacityOf: () => BYTES_PER_SERVER, total: BYTES_IN_FLIGHT })

  /** How many requests the server may have under way now. */
  limitOf(server: string): number {
    return this.#pace(server).limit
  }

  /** Waits for the turn of the request, then runs it; what `send` throws is thrown. */
  async run<T>(load: Load, deadline: Deadline, send: () => Promise<T>): Promise<T> {
    const { server, bytes, lane } = load
    const leave: (() => void)[] = []
    try {
      if (lane !== undefined) leave.push(await this.#lanes.enter(lane, 1, deadline))
      leave.push(await this.#windows.enter(server, 1, deadline))
      leave.push(await this.#bytes.enter(server, bytes, deadline))
      return await this.#timed(load, send)
    } finally {
      for (const go of leave.reverse()) go()
    }
  }

  /** To be told when single rows were refused because there is too much to do. */
  overloaded(server: string): void {
    this.#pace(server).overloaded()
  }

  async #timed<T>({ server, bytes }: Load, send: () => Promise<T>): Promise<T> {
    const pace = this.#pace(server)
    const under = (this.#under.get(server) ?? 0) + 1
    this.#under.set(server, under)
    const isFull = under >= pace.limit
    const sentAt = performance.now()
    try {
      const answer = await send()
      pace.answered(performance.now() - sentAt, bytes, isFull)
      return answer
    } catch (error) {
      if (showsLoad(error)) pace.overloaded()
      throw error
    } finally {
      this.#under.set(server, (this.#under.get(server) ?? 1) - 1)
    }
  }

  #pace(server: string): Pace {
    let pace = this.#paces.get(server)
    if (pace === undefined) this.#paces.set(server, (pace = new Pace()))
    return pace
  }
}

const showsLoad = (error: unknown): boolean =>
  error instanceof SlowCall ||
  (error instanceof Fault && (error.remedy === 'overloaded' || error.remedy === 'reconnect'))
