import { HEADROOM, decodeReply, requestOf } from './call.ts'
import type { Method, Reply, Request } from './call.ts'
import { BufferPool } from './buffers.ts'
import { Connection } from './connection.ts'
import { calls, observed } from './channels.ts'
import type { Deadline } from './deadline.ts'
import type { Hosts } from './address.ts'
import { parseAddress, reachable } from './address.ts'
import { PLAIN } from './transport/transport.ts'
import type { Security } from './transport/transport.ts'
import type { Compression } from './types.ts'

export type Service = 'ClientMetaService' | 'ClientService' | 'AdminService' | 'MasterService'

export interface PoolOptions {
  /** Undefined for the one who is authenticated. */
  readonly user: string | undefined
  /** See `ClientOptions.hosts`. */
  readonly hosts: Hosts
  readonly callTimeoutMs: number
  readonly security?: Security
  readonly compression?: Compression | undefined
}

const CONNECT_TIMEOUT_MS = 10_000

/** The connections of one client: one per server and service, made when first needed. */
export class Pool {
  readonly #options: PoolOptions
  readonly #connections = new Map<string, Connection>()
  /** The memory of long answers; who has read one and keeps nothing of it may give it back. */
  readonly frames = new BufferPool()

  constructor(options: PoolOptions) {
    this.#options = options
  }

  /** Sends one request to host:port; see `Connection.call` for how it fails. */
  send(server: string, service: Service, request: Request, deadline: Deadline): Promise<Reply> {
    deadline.check()
    const { callTimeoutMs = this.#options.callTimeoutMs, priority } = deadline.call
    const timeoutMs = Math.min(callTimeoutMs, deadline.remainingMs)
    const ranked =
      priority === undefined || request.priority !== undefined ? request : { ...request, priority }
    const call = () => this.#connection(server, service).call(ranked, timeoutMs, deadline)
    if (!calls.isHeard) return call()
    const { method, bytes } = request
    return observed(
      { method, server, table: deadline.table, bytesOut: bytes.length - HEADROOM },
      call,
    )
  }

  /** One call with a small message and no cells. */
  async ask<Q, A>(
    at: { readonly server: string; readonly service: Service; readonly priority?: number },
    method: Method<Q, A>,
    question: Q,
    deadline: Deadline,
  ): Promise<A> {
    const request = requestOf(method, question, at.priority)
    return decodeReply(method, await this.send(at.server, at.service, request, deadline))
  }

  close(): void {
    for (const connection of this.#connections.values()) connection.close()
    this.#connections.clear()
  }

  #connection(server: string, service: Service): Connection {
    const key = `${server}/${service}`
    const existing = this.#connections.get(key)
    if (existing !== undefined && !existing.broken) return existing
    const connection = new Connection({
      place: {
        ...reachable(server, this.#options.hosts),
        name: parseAddress(server).host,
        server,
      },
      security: this.#options.security ?? PLAIN,
      service,
      user: this.#options.user,
      compression: this.#options.compression,
      frames: this.frames,
      connectTimeoutMs: Math.min(CONNECT_TIMEOUT_MS, this.#options.callTimeoutMs),
    })
    this.#connections.set(key, connection)
    return connection
  }
}
