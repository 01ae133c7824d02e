import { ActiveMaster, Empty, MetaRegionLocations } from './wire/messages.ts'
import type { Deadline } from './deadline.ts'
import { Fault } from './faults.ts'
import type { Method } from './call.ts'
import type { Pool } from './pool.ts'
import type { ServerNameValue } from './wire/messages.ts'
import { formatAddress } from './pool.ts'
import { persist } from './persist.ts'
import { at } from './at.ts'

const GET_META = {
  name: 'GetMetaRegionLocations',
  request: Empty,
  response: MetaRegionLocations,
}
const GET_MASTER = { name: 'GetActiveMaster', request: Empty, response: ActiveMaster }

/**
 * Where hbase:meta and the active master are, asked of any server that knows (ClientMetaService;
 * masters since 2.3, region servers since 2.5). No ZooKeeper.
 */
export class Registry {
  readonly #pool: Pool
  readonly #endpoints: readonly string[]
  #next = 0
  #meta: string | undefined
  #master: string | undefined

  constructor(pool: Pool, endpoints: readonly string[]) {
    this.#pool = pool
    this.#endpoints = endpoints
  }

  /** host:port of the server that holds hbase:meta. */
  async meta(deadline: Deadline): Promise<string> {
    this.#meta ??= await this.#ask(deadline, GET_META, ({ locations }) => {
      const first = locations.find(({ regionInfo }) => (regionInfo?.replicaId ?? 0) === 0)
      return first?.serverName
    })
    return this.#meta
  }

  /** host:port of the active master. */
  async master(deadline: Deadline): Promise<string> {
    this.#master ??= await this.#ask(deadline, GET_MASTER, ({ serverName }) => serverName)
    return this.#master
  }

  forgetMeta(): void {
    this.#meta = undefined
  }

  forgetMaster(): void {
    this.#master = undefined
  }

  /** A starting cluster refuses connections, then fails, then knows of no server: all of it passes. */
  #ask<A>(
    deadline: Deadline,
    method: Method<object, A>,
    pick: (answer: A) => ServerNameValue | undefined,
  ): Promise<string> {
    const attempt = async () => {
      const server = at(this.#endpoints, this.#next % this.#endpoints.length)
      try {
        const answer = await this.#pool.ask(
          { server, service: 'ClientMetaService' },
          method,
          {},
          deadline,
        )
        const found = pick(answer)
        if (found?.hostName === undefined || found.port === undefined) {
          throw new NotYet(`${server} knows of none yet`)
        }
        return formatAddress(found.hostName, found.port)
      } catch (error) {
        this.#next++
        throw error
      }
    }
    return persist(deadline, attempt, { patient: true, tell: true })
  }
}

/** The cluster is up but has not elected or assigned what was asked for. */
class NotYet extends Fault {
  readonly remedy = 'wait'
  override readonly name = 'NotYet'
}
