import { ActiveMaster, BootstrapNodes, Empty, MetaRegionLocations } from './wire/messages.ts'
import { ConnectionFault } from './faults.ts'
import type { Directory, Role } from './directory.ts'
import type { Deadline } from './deadline.ts'
import type { Method } from './call.ts'
import { NotYet } from './directory.ts'
import type { Pool } from './pool.ts'
import type { ServerNameValue } from './wire/messages.ts'
import { formatAddress } from './address.ts'
import { hedged } from './hedge.ts'

const GET_META = {
  name: 'GetMetaRegionLocations',
  request: Empty,
  response: MetaRegionLocations,
}
const GET_MASTER = { name: 'GetActiveMaster', request: Empty, response: ActiveMaster }
const GET_NODES = { name: 'GetBootstrapNodes', request: Empty, response: BootstrapNodes }

/** Long against a call on a quiet server, short against the timeout of one that is stuck. */
const HEDGE_MS = 200
/** As HBase's own client does (RegistryEndpointsRefresher). */
const RENEW_AFTER_MS = 300_000
const RENEW_AFTER_LOSS_MS = 60_000

/**
 * Asks any server that knows (ClientMetaService: masters since 2.3, region servers since 2.5), and
 * more than one when the first is slow (AbstractRpcBasedConnectionRegistry). The servers themselves
 * name others to ask (GetBootstrapNodes, since 2.5), so that a client outlives the endpoints it was
 * given; those stay as the last resort.
 */
export class Bootstrap implements Directory {
  readonly #pool: Pool
  readonly #given: readonly string[]
  #learnt: readonly string[] = []
  /** The one that answered last. */
  #proven: string | undefined
  #renewedAt = -Infinity
  #lostOne = false

  constructor(pool: Pool, endpoints: readonly string[]) {
    this.#pool = pool
    this.#given = endpoints
  }

  /** Whom to ask, in this order. */
  get endpoints(): readonly string[] {
    const proven = this.#proven === undefined ? [] : [this.#proven]
    return [...new Set([...proven, ...this.#learnt, ...this.#given])]
  }

  find(role: Role, deadline: Deadline): Promise<ServerNameValue> {
    return hedged(this.endpoints, { delayMs: HEDGE_MS, deadline }, async (endpoint) => {
      try {
        const found = await this.#lookUp(endpoint, role, deadline)
        if (found === undefined) throw new NotYet(`${endpoint} knows of no ${role} yet`)
        this.#proven = endpoint
        return found
      } catch (error) {
        if (error instanceof ConnectionFault) this.#lost(endpoint)
        throw error
      }
    })
  }

  /** No server need ever know this: a failure leaves the list as it was until the next time. */
  renew(deadline: Deadline): void {
    const endpoint = this.#proven
    const pause = this.#lostOne ? RENEW_AFTER_LOSS_MS : RENEW_AFTER_MS
    if (endpoint === undefined || performance.now() < this.#renewedAt + pause) return
    this.#renewedAt = performance.now()
    this.#lostOne = false
    this.#ask(endpoint, GET_NODES, deadline).then(
      ({ nodes }) => {
        const learnt = nodes.map(({ hostName = '', port = 0 }) => formatAddress(hostName, port))
        if (learnt.length > 0) this.#learnt = learnt
      },
      () => {},
    )
  }

  #lost(endpoint: string): void {
    if (this.#proven === endpoint) this.#proven = undefined
    this.#lostOne = true
  }

  async #lookUp(
    endpoint: string,
    role: Role,
    deadline: Deadline,
  ): Promise<ServerNameValue | undefined> {
    if (role === 'master') return (await this.#ask(endpoint, GET_MASTER, deadline)).serverName
    const { locations } = await this.#ask(endpoint, GET_META, deadline)
    return locations.find(({ regionInfo }) => (regionInfo?.replicaId ?? 0) === 0)?.serverName
  }

  #ask<A>(server: string, method: Method<object, A>, deadline: Deadline): Promise<A> {
    return this.#pool.ask({ server, service: 'ClientMetaService' }, method, {}, deadline)
  }
}
