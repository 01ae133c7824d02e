import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster, Role } from '../../services/index.ts'
import { between, streamOf } from './random.ts'
import type { Random } from './random.ts'

const STOPPED_MS = 20_000
const STANDSTILL_MS = 300_000
/** How long a killed server stays away: longer than its session, so that its regions are taken over. */
const AWAY_MS = [8_000, 14_000] as const

export interface Scheduling {
  readonly seed: number
  readonly cluster: Cluster
  readonly tally: ScheduleTally
  /** 0 to 1: how much of the writing is done. */
  readonly progress: () => number
  readonly log: (line: string) => void
}

export interface ScheduleTally {
  kills: number
  stops: number
  masterRestarts: number
  /** Region servers started again: the killed, the stopped, and those that gave themselves up (HBase aborts one whose master goes at a bad moment). */
  revivals: number
}

/**
 * The heavy faults, each at its share of the writing: a region server killed, the master restarted,
 * and on HDFS another region server stopped for 20 s. Resolves when the cluster is whole again.
 */
export async function hurt(scheduling: Scheduling): Promise<void> {
  const down = new Set<Role>()
  const ended = new AbortController()
  const tending = tend(scheduling, down, ended.signal)
  try {
    await hurtInTurn(scheduling, down)
  } finally {
    ended.abort()
  }
  await tending
}

async function hurtInTurn(scheduling: Scheduling, down: Set<Role>): Promise<void> {
  const { seed, cluster, tally, log } = scheduling
  const random = streamOf(seed, 'schedule')
  const [killed, stopped] = shuffled(random, cluster.servers)
  if (killed === undefined || stopped === undefined)
    throw new Error('Two region servers are needed.')

  await reached(scheduling, 0.1 + random() * 0.1)
  log(`kills ${killed}`)
  down.add(killed)
  if (cluster.isAlive(killed)) await cluster.signal(killed, 'SIGKILL')
  tally.kills++
  await sleep(between(random, ...AWAY_MS))
  down.delete(killed)

  await reached(scheduling, 0.4 + random() * 0.1)
  log('restarts the master')
  // Not SIGKILL: a region server that cannot reach the master counts its tries without a pause, and
  // then waits 200 s at the first word that a new one is starting, while the region it has just closed
  // is nowhere (HRegionServer.reportRegionStateTransition).
  await cluster.signal('master', 'SIGTERM')
  await cluster.start('master')
  tally.masterRestarts++

  if (cluster.variant === 'hdfs') {
    await reached(scheduling, 0.6 + random() * 0.1)
    log(`stops ${stopped}`)
    await cluster.signal(stopped, 'SIGSTOP')
    await sleep(STOPPED_MS)
    await cluster.signal(stopped, 'SIGCONT')
    tally.stops++
    // It finds that it was taken for dead, and ends.
    await sleep(AWAY_MS[0])
  }
  await reached(scheduling, 1)
}

/** Starts again what has ended by itself, as every site's supervisor does; the last time at the end. */
async function tend(
  { cluster, tally, log }: Scheduling,
  down: ReadonlySet<Role>,
  ended: AbortSignal,
): Promise<void> {
  for (let last = false; !last;) {
    last = ended.aborted
    for (const role of cluster.servers) {
      if (down.has(role) || cluster.isAlive(role)) continue
      tally.revivals++
      log(`starts ${role} again`)
      await cluster.start(role)
    }
    if (!last) await sleep(500)
  }
}

/** Throws when nothing at all is acknowledged for minutes: then there is no end to be waited for. */
async function reached({ progress }: Scheduling, share: number): Promise<void> {
  let last = -1
  let since = performance.now()
  while (progress() < share) {
    if (progress() > last) since = performance.now()
    last = progress()
    if (performance.now() - since > STANDSTILL_MS) {
      throw new Error(`No mutation was acknowledged for ${STANDSTILL_MS / 60_000} minutes.`)
    }
    await sleep(50)
  }
}

function shuffled(random: Random, roles: readonly Role[]): readonly Role[] {
  return roles
    .map((role) => ({ role, order: random() }))
    .sort((one, other) => one.order - other.order)
    .map(({ role }) => role)
}
