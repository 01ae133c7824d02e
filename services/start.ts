import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type {
  HBaseExtras,
  Log,
  RunningService,
  Server,
  ServiceName,
  StartOptions,
} from './contract.ts'
import { SERVICE_NAMES } from './contract.ts'
import { hbase } from './hbase/index.ts'
import { withLock } from './lock.ts'
import { mariadb } from './mariadb/index.ts'
import { mysql } from './mysql/index.ts'
import { stopGroup } from './process.ts'
import { attach, attachGiven, launchProcess, untilReady } from './running.ts'
import type { Home } from './running.ts'
import { forget, recall, serviceFolder } from './state.ts'
import type { Started } from './state.ts'
import { temporal } from './temporal/index.ts'

export const SERVERS: Readonly<Record<ServiceName, Server>> = { temporal, hbase, mysql, mariadb }

// Another process may take a port between its choice and the start.
const ATTEMPTS = 3

interface Run extends Home {
  readonly log: Log
  readonly signal: AbortSignal
  readonly hbase: HBaseExtras
  /** Stops what this call has started. */
  readonly undo: (() => Promise<void>)[]
}

/**
 * Starts the servers concurrently, or attaches to those that already run in this folder. If one
 * cannot be started, or the signal aborts, everything this call has begun is stopped again.
 */
export async function startServices<Name extends ServiceName>(
  names: readonly Name[],
  options: StartOptions,
): Promise<Record<Name, RunningService>> {
  const failed = new AbortController()
  const signals = options.signal ? [options.signal, failed.signal] : [failed.signal]
  const run: Run = {
    folder: resolve(options.folder),
    keep: options.keep ?? false,
    log: options.log,
    signal: AbortSignal.any(signals),
    hbase: options.hbase ?? {},
    undo: [],
  }
  const starts = [...new Set(names)].map(async (name) => {
    try {
      return [name, await startOne(SERVERS[name], run)] as const
    } catch (error) {
      failed.abort(error)
      throw error
    }
  })
  const outcomes = await Promise.allSettled(starts)
  if (!run.signal.aborted) {
    const pairs = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    return Object.fromEntries(pairs) as Record<Name, RunningService>
  }
  await Promise.all(run.undo.map((stop) => stop()))
  throw run.signal.reason
}

/** The servers that run in this folder now. */
export async function runningServices(folder: string): Promise<RunningService[]> {
  const found = await Promise.all(
    SERVICE_NAMES.map(async (name) => ({ name, started: await recall(resolve(folder), name) })),
  )
  return found.flatMap(({ name, started }) =>
    started ? [attach(SERVERS[name], { folder: resolve(folder), keep: true }, started)] : [],
  )
}

async function startOne(server: Server, run: Run): Promise<RunningService> {
  const began = Date.now()
  const seconds = (): string => `${((Date.now() - began) / 1000).toFixed(1)} s`
  const given = process.env[server.variable]
  if (given) {
    const service = await attachGiven(server, given)
    run.log(`${server.name} ${service.version}: given, at ${service.address}`)
    return service
  }
  const folder = serviceFolder(run.folder, server.name)
  await mkdir(folder, { recursive: true })
  return withLock(join(folder, 'start.lock'), run, async () => {
    const before = await recall(run.folder, server.name)
    // One that was cut off in the middle of its start is not trusted.
    if (before && !before.ready) await stopGroup(before.mark, server.patienceMs)
    const reused = before?.ready === true
    const started = reused ? before : await startNew(server, run, folder)
    const service = attach(server, run, started)
    const what = reused ? 'already running' : `from ${service.origin}, ready after ${seconds()}`
    run.log(`${server.name} ${service.version}: ${what}, at ${service.address}`)
    return service
  })
}

async function startNew(server: Server, run: Run, folder: string): Promise<Started> {
  for (let attempt = 1; ; attempt++) {
    const launch = await server.prepare({ ...run, folder })
    run.signal.throwIfAborted()
    const started = await launchProcess(server.name, launch, run)
    const stop = async (): Promise<void> => {
      await stopGroup(started.mark, server.patienceMs)
      await forget(run.folder, server.name)
    }
    run.undo.push(stop)
    try {
      return await untilReady(server, run, started, run.signal)
    } catch (error) {
      const portTaken = /in use|Could not start ZK at requested port/i.test(String(error))
      await stop()
      if (run.signal.aborted || !portTaken || attempt === ATTEMPTS) throw error
      run.log(`${server.name}: another process took one of its ports; starting again`)
    }
  }
}
