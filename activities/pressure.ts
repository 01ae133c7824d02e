import { setTimeout as sleep } from 'node:timers/promises'
import type { Throttle } from '../model/project.ts'
import type { SourceLoad } from '../sources/source.ts'
import type { Holdup } from './beat.ts'
import type { ActivityContext } from './context.ts'
import type { TableInput } from './route.ts'
import { throttle } from './throttle.ts'

/** Holds back whoever reads rows from a source. */
export interface Pressure {
  /** Waits until these rows may be followed by more. */
  readonly pause: (rows: number, signal: AbortSignal) => Promise<void>
  /** What holds it up at this moment, for those who watch; nothing while it only keeps to its rate. */
  readonly holdup: () => Holdup
}

const EVERY_MS = 1000

/** Within the limits of its project as they are at each moment, and not at all while the source has too much to do. */
export function pressureOn(
  { watch, pushback }: Pick<ActivityContext, 'watch' | 'pushback'>,
  { project, mapping, rowsPerSecond }: TableInput & { readonly rowsPerSecond: number | null },
): Pressure {
  let limits: Throttle = { rowsPerSecond, threadsRunning: null, replicationLagSeconds: null }
  let waitsFor: string | null = null
  const paced = throttle(() => limits.rowsPerSecond)

  const look = async (): Promise<string | null> => {
    limits = (await watch.limits(project)) ?? limits
    const { threadsRunning, replicationLagSeconds } = limits
    if (threadsRunning === null && replicationLagSeconds === null) return null
    const load = await watch.load(mapping.source, { replicas: replicationLagSeconds !== null })
    return load === null ? null : tooMuch(load, limits)
  }
  const untilCalm = async (signal: AbortSignal): Promise<void> => {
    while ((waitsFor = await look()) !== null) await sleep(EVERY_MS, undefined, { signal })
  }
  return {
    holdup: () => ({ waitsFor, pushback: pushback(mapping.target) }),
    async pause(rows, signal) {
      await untilCalm(signal)
      // a slow rate may keep these rows for minutes: meanwhile it may be changed
      const looking = setInterval(() => void look().catch(() => undefined), EVERY_MS)
      try {
        await paced(rows, signal)
      } finally {
        clearInterval(looking)
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
