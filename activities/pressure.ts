import { setTimeout as sleep } from 'node:timers/promises'
import type { Throttle } from '../model/project.ts'
import type { SourceLoad } from '../sources/source.ts'
import type { Watched } from './beat.ts'
import type { ActivityContext, MeteredStage } from './context.ts'
import type { TableInput } from './route.ts'
import { Stations } from './stations.ts'
import { throttle } from './throttle.ts'

/** Holds back whoever reads rows from a source. */
export interface Pressure extends Required<Watched> {
  /** Waits until these rows may be followed by more. */
  readonly pause: (rows: number, signal: AbortSignal) => Promise<void>
  /** Where its time goes; `pause` is at `limit` by itself. */
  readonly stations: Stations
}

const EVERY_MS = 1000

/** Within the limits of its project as they are at each moment, and not at all while the source has too much to do. */
export function pressureOn(
  { watch, pushback, meter }: Pick<ActivityContext, 'watch' | 'pushback' | 'meter'>,
  { project, mapping, rowsPerSecond }: TableInput & { readonly rowsPerSecond: number | null },
  stage: MeteredStage,
): Pressure {
  let limits: Throttle = { rowsPerSecond, threadsRunning: null, replicationLagSeconds: null }
  let waitsFor: string | null = null
  const paced = throttle(() => limits.rowsPerSecond)
  const stations = new Stations((station, seconds) => {
    meter.station(stage, mapping.name, station, seconds)
  })

  const look = async (): Promise<string | null> => {
    limits = (await watch.limits(project)) ?? limits
    const { threadsRunning, replicationLagSeconds } = limits
    if (threadsRunning === null && replicationLagSeconds === null) return null
    const load = await watch.load(mapping.source, { replicas: replicationLagSeconds !== null })
    return load === null ? null : tooMuch(load, limits)
  }
  const untilCalm = async (signal: AbortSignal): Promise<void> => {
    while ((waitsFor = await look()) !== null) {
      stations.at('limit')
      await sleep(EVERY_MS, undefined, { signal })
    }
  }
  return {
    stations,
    holdup() {
      stations.flush()
      return { waitsFor, pushback: pushback(mapping.target), shares: stations.shares() }
    },
    end: () => stations.flush(),
    async pause(rows, signal) {
      // to ask for the limits, which may take a moment, is not to be held back by them
      const before = stations.at(null)
      await untilCalm(signal)
      stations.at('limit')
      // a slow rate may keep these rows for minutes: meanwhile it may be changed
      const looking = setInterval(() => void look().catch(() => undefined), EVERY_MS)
      try {
        await paced(rows, signal)
      } finally {
        clearInterval(looking)
        stations.at(before)
      }
    },
  }
}

/** What is beyond its limit, as status says it. */
export function tooMuch({ threadsRunning, replicas }: SourceLoad, limits: Throttle): string | null {
  const most = limits.threadsRunning
  if (most !== null && threadsRunning > most)
    return `${threadsRunning} threads running, limit ${most}`
  const longest = limits.replicationLagSeconds
  if (longest === null) return null
  for (const { address, behind } of replicas) {
    if (typeof behind === 'string') return `replica ${address} ${behind}`
    if (behind > longest) return `replica ${address} is ${behind} s behind, limit ${longest} s`
  }
  return null
}
