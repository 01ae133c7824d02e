import { Bootstrap } from './bootstrap.ts'
import type { ClientOptions } from './types.ts'
import type { Deadline } from './deadline.ts'
import type { Directory, Role } from './directory.ts'
import { HBaseError } from './errors.ts'
import type { Pool } from './pool.ts'
import { ZooKeeper } from './zookeeper.ts'
import type { ZooKeeperOptions } from './zookeeper.ts'
import { formatAddress, parseAddress } from './address.ts'
import { persist } from './persist.ts'

type Source = readonly string[] | ZooKeeperOptions

/** Whom to ask. Throws CONFIGURATION unless it is told in one way, and readable. */
export function sourceOf({ endpoints, zookeeper }: ClientOptions): Source {
  if ((endpoints === undefined) === (zookeeper === undefined)) {
    throw new HBaseError('CONFIGURATION', { detail: 'give either endpoints or zookeeper' })
  }
  if (endpoints?.length === 0) throw new HBaseError('CONFIGURATION', { detail: 'no endpoints' })
  for (const endpoint of endpoints ?? []) parseAddress(endpoint)
  return endpoints ?? zookeeper ?? []
}

/** Remembers where hbase:meta and the active master are until told that it is wrong. */
export class Registry {
  readonly #directory: Directory
  #meta: string | undefined
  #master: string | undefined

  constructor(pool: Pool, source: Source) {
    this.#directory = 'quorum' in source ? new ZooKeeper(source) : new Bootstrap(pool, source)
  }

  /** host:port of the server that holds hbase:meta. */
  async meta(deadline: Deadline): Promise<string> {
    this.#meta ??= await this.#find('server of hbase:meta', deadline)
    this.#directory.renew(deadline)
    return this.#meta
  }

  /** host:port of the active master. */
  async master(deadline: Deadline): Promise<string> {
    this.#master ??= await this.#find('master', deadline)
    return this.#master
  }

  forgetMeta(): void {
    this.#meta = undefined
  }

  forgetMaster(): void {
    this.#master = undefined
  }

  /** A starting cluster refuses connections, then fails, then knows of no server: all of it passes. */
  #find(role: Role, deadline: Deadline): Promise<string> {
    const attempt = async () => {
      const { hostName, port } = await this.#directory.find(role, deadline)
      if (hostName !== undefined && port !== undefined) return formatAddress(hostName, port)
      throw new HBaseError('PROTOCOL', { detail: `the ${role} has no address` })
    }
    return persist(deadline, attempt, { patient: true, tell: true })
  }
}
