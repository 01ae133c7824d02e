import {
  ClusterStatusRequest,
  ClusterStatusResponse,
  ProcedureRequest,
  ProcedureResult,
} from './wire/admin-messages.ts'
import type { ClusterStatusValue } from './wire/admin-messages.ts'
import { RemoteFault, StillRunning } from './faults.ts'
import type { Fault } from './faults.ts'
import type { Deadline } from './deadline.ts'
import { HBaseError } from './errors.ts'
import type { Method } from './call.ts'
import type { Pool } from './pool.ts'
import type { Registry } from './registry.ts'
import type { ServerNameValue } from './wire/messages.ts'
import { formatAddress } from './address.ts'
import { persist } from './persist.ts'
import { newNonce } from './nonce.ts'

const PROCEDURE = {
  name: 'getProcedureResult',
  request: ProcedureRequest,
  response: ProcedureResult,
}
const CLUSTER_STATUS = {
  name: 'GetClusterStatus',
  request: ClusterStatusRequest,
  response: ClusterStatusResponse,
}
/** ClusterMetrics.Option: asked for one thing, the master does not collect the rest. */
const VERSION = 0
const LIVE_SERVERS = 2

/** GetProcedureResultResponse.State */
const RUNNING = 1
const FINISHED = 2
const POLL_FIRST_MS = 20
const POLL_MAX_MS = 500

export interface Nonce {
  readonly nonceGroup: bigint
  readonly nonce: bigint
}

/** Calls on the active master, wherever it is, through restarts and elections. */
export class Master {
  readonly #pool: Pool
  readonly #registry: Registry
  readonly #nonceGroup = newNonce()

  constructor(pool: Pool, registry: Registry) {
    this.#pool = pool
    this.#registry = registry
  }

  /** Asks until the master answers. Safe for questions, and for requests that carry a nonce. */
  ask<Q, A>(method: Method<Q, A>, question: Q, deadline: Deadline): Promise<A> {
    const attempt = async () => {
      const server = await this.#registry.master(deadline)
      return this.#pool.ask({ server, service: 'MasterService' }, method, question, deadline)
    }
    const onFault = (fault: Fault) => {
      if (fault.remedy === 'reconnect') this.#registry.forgetMaster()
      // For the master a region is not elsewhere but nowhere.
      if (/UnknownRegionException$/.test(fault.message))
        throw new HBaseError('REGION_NOT_FOUND', { table: deadline.table })
    }
    return persist(deadline, attempt, { onFault, tell: true })
  }

  /** Starts a procedure and waits for its end; throws what the procedure failed with. */
  async run<Q>(
    method: Method<Q, { readonly procId?: bigint | undefined }>,
    question: Q,
    deadline: Deadline,
  ): Promise<void> {
    const { procId } = await this.ask(method, question, deadline)
    if (procId !== undefined) await this.finish(procId, method.name, deadline)
  }

  /** Waits for the end of a procedure; throws what it failed with. */
  async finish(procId: bigint, method: string, deadline: Deadline): Promise<void> {
    for (let poll = POLL_FIRST_MS; ; poll = Math.min(poll * 2, POLL_MAX_MS)) {
      const { state, exception } = await this.ask(PROCEDURE, { procId }, deadline)
      if (exception !== undefined) {
        const { className = '', message = '' } = exception.generic ?? {}
        throw new RemoteFault(className, message).toError({ table: deadline.table, tell: true })
      }
      if (state === FINISHED) return
      if (state !== RUNNING) {
        throw new HBaseError('REMOTE', {
          table: deadline.table,
          detail: `${method}: the master has forgotten the procedure`,
        })
      }
      await deadline.pause(poll, new StillRunning(`${method} is still running`))
    }
  }

  /** A nonce makes repeating a request harmless: the master answers with the same procedure. */
  nonce(): Nonce {
    return { nonceGroup: this.#nonceGroup, nonce: newNonce() }
  }

  /** What is asked for (ClusterMetrics.Option), or everything when nothing is. */
  async status(options: readonly number[], deadline: Deadline): Promise<ClusterStatusValue> {
    const { status } = await this.ask(CLUSTER_STATUS, { options }, deadline)
    if (status === undefined) throw new HBaseError('PROTOCOL', { detail: 'GetClusterStatus' })
    return status
  }

  async version(deadline: Deadline): Promise<string> {
    const { version } = await this.status([VERSION], deadline)
    return version?.version ?? 'unknown'
  }

  /** The live region servers. */
  async servers(deadline: Deadline): Promise<ReadonlyMap<string, ServerNameValue>> {
    const { liveServers } = await this.status([LIVE_SERVERS], deadline)
    const names = liveServers.flatMap(({ server }) => server ?? [])
    return new Map(
      names.map((name) => [formatAddress(name.hostName ?? '', name.port ?? 0), name] as const),
    )
  }
}
