import { SwitchRequest, SwitchResponse } from '../wire/admin-messages.ts'
import type { AdminParts } from './parts.ts'
import type { ClusterStatusValue, LiveServerValue } from '../wire/admin-messages.ts'
import { Empty } from '../wire/messages.ts'
import type { ServerNameValue } from '../wire/messages.ts'
import { encodedNameOf } from '../region.ts'
import { formatAddress } from '../address.ts'

const SET_BALANCER = {
  name: 'SetBalancerRunning',
  request: SwitchRequest,
  response: SwitchResponse,
}
const CATALOG_SCAN = { name: 'RunCatalogScan', request: Empty, response: Empty }

export interface ClusterStatus {
  /** Of HBase, as the active master runs it. */
  readonly version: string
  /** host:port of the active master. */
  readonly master: string
  readonly backupMasters: readonly string[]
  readonly servers: readonly ServerStatus[]
  /** Region servers that died and have not come back; the same host:port may live again. */
  readonly deadServers: readonly string[]
  readonly inTransition: readonly RegionInTransition[]
  readonly balancerOn: boolean
}

/** A live region server as of its last report to the master, some seconds ago. */
export interface ServerStatus {
  /** host:port */
  readonly name: string
  /** Milliseconds; tells two lives of one host:port apart. */
  readonly startedAt: number
  readonly usedHeapMegabytes: number
  readonly maxHeapMegabytes: number
  readonly regions: readonly RegionLoad[]
}

export interface RegionLoad {
  /** As in `TableRegion`. */
  readonly encodedName: string
  readonly storeFiles: number
  readonly storeFileMegabytes: number
  readonly memoryMegabytes: number
  /** Share of its blocks on the disks of its own server, from 0 to 1. */
  readonly locality: number
  readonly reads: number
  readonly writes: number
}

export interface RegionInTransition {
  readonly encodedName: string
  /** OPENING, CLOSING, ... (RegionState.State) */
  readonly state: string
  /** Milliseconds since 1970. */
  readonly since: number
}

export function clusterCalls({ master, deadline }: AdminParts) {
  return {
    async clusterStatus(): Promise<ClusterStatus> {
      return decode(await master.status([], deadline()))
    },

    /** host:port of the live region servers. */
    async servers(): Promise<readonly string[]> {
      return [...(await master.servers(deadline())).keys()].sort()
    },

    /** Returns whether the balancer was on before, after what it had begun is done. */
    async setBalancer(on: boolean): Promise<boolean> {
      const { before } = await master.ask(SET_BALANCER, { on, synchronous: true }, deadline())
      return before ?? false
    },

    /**
     * Drops what merges and splits have left behind, which HBase otherwise does every five minutes:
     * a merged region can be merged again only afterwards (CatalogJanitor).
     */
    async cleanCatalog(): Promise<void> {
      await master.ask(CATALOG_SCAN, {}, deadline())
    },
  }
}

const nameOf = ({ hostName = '', port = 0 }: ServerNameValue): string =>
  formatAddress(hostName, port)

function decode(status: ClusterStatusValue): ClusterStatus {
  return {
    version: status.version?.version ?? 'unknown',
    master: nameOf(status.master ?? {}),
    backupMasters: status.backupMasters.map(nameOf),
    servers: status.liveServers.map(server).sort((a, b) => (a.name < b.name ? -1 : 1)),
    deadServers: status.deadServers.map(nameOf),
    inTransition: status.inTransition.map(({ region, state }) => ({
      encodedName: encodedNameOf(region?.value),
      state: STATES[state?.state ?? 0] ?? 'UNKNOWN',
      since: state?.since ?? 0,
    })),
    balancerOn: status.balancerOn ?? false,
  }
}

const server = ({ server: name = {}, load }: LiveServerValue): ServerStatus => ({
  name: nameOf(name),
  startedAt: Number(name.startCode ?? 0n),
  usedHeapMegabytes: load?.usedHeapMegabytes ?? 0,
  maxHeapMegabytes: load?.maxHeapMegabytes ?? 0,
  regions: (load?.regions ?? []).map(({ region, ...of }) => ({
    encodedName: encodedNameOf(region?.value),
    storeFiles: of.storeFiles ?? 0,
    storeFileMegabytes: of.storeFileMegabytes ?? 0,
    memoryMegabytes: of.memoryMegabytes ?? 0,
    locality: of.locality ?? 0,
    reads: of.reads ?? 0,
    writes: of.writes ?? 0,
  })),
})

/** RegionState.State in ClusterStatus.proto. */
const STATES = [
  'OFFLINE',
  'PENDING_OPEN',
  'OPENING',
  'OPEN',
  'PENDING_CLOSE',
  'CLOSING',
  'CLOSED',
  'SPLITTING',
  'SPLIT',
  'FAILED_OPEN',
  'FAILED_CLOSE',
  'MERGING',
  'MERGED',
  'SPLITTING_NEW',
  'MERGING_NEW',
  'ABNORMALLY_CLOSED',
]
