import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import type { Launch, RunningService, Server, ServiceName, Watched } from './contract.ts'
import { formatHostPort } from './given.ts'
import { guard, unguard } from './guard.ts'
import { gone, isAlive, signalGroup, startDetached, stopGroup } from './process.ts'
import type { Started } from './state.ts'
import { forget, logFile, remember } from './state.ts'

const NEVER = new AbortController().signal

/** Where a server lives, and whether it outlives this process. */
export interface Home {
  readonly folder: string
  readonly keep: boolean
}

/** Starts the process and remembers it, so that `down` finds it even if this process is killed now. */
export async function launchProcess(
  name: ServiceName,
  launch: Launch,
  { folder }: Home,
): Promise<Started> {
  const file = logFile(folder, name)
  const logStart = await stat(file).then(
    (found) => found.size,
    () => 0,
  )
  const mark = await startDetached({ ...launch, logFile: file })
  guard(mark)
  const started = { launch, mark, logStart, ready: false }
  await remember(folder, name, started)
  return started
}

export async function untilReady(
  server: Server,
  { folder, keep }: Home,
  started: Started,
  signal: AbortSignal,
): Promise<Started> {
  const watched: Watched = {
    alive: () => isAlive(started.mark),
    printed: () => tail(logFile(folder, server.name), started.logStart),
    signal,
  }
  try {
    await server.ready(started.launch, watched)
  } catch (error) {
    if (signal.aborted) throw error
    const message = error instanceof Error ? error.message : String(error)
    throw new Error(`${message} See ${logFile(folder, server.name)}`, { cause: error })
  }
  const ready = { ...started, ready: true }
  await remember(folder, server.name, ready)
  if (keep) unguard(started.mark)
  return ready
}

/** The handle of a server started here or by an earlier process. */
export function attach(server: Server, home: Home, first: Started): RunningService {
  const { name } = server
  const { folder } = home
  const { launch } = first
  let current = first
  const stop = async (): Promise<void> => {
    await stopGroup(current.mark, server.patienceMs)
    await forget(folder, name)
  }
  return {
    name,
    version: launch.version,
    origin: launch.origin,
    address: formatHostPort(launch.address.host, launch.address.port),
    ...launch.address,
    get pid() {
      return current.mark.pid
    },
    logFile: logFile(folder, name),
    stop,
    kill: async (signal) => {
      signalGroup(current.mark, signal)
      if (signal === 'SIGSTOP' || signal === 'SIGCONT') return
      if (await gone(current.mark, 60_000)) return
      throw new Error(`${name} (process ${current.mark.pid}) is still there after ${signal}.`)
    },
    restart: async () => {
      if (isAlive(current.mark)) await stop()
      current = await launchProcess(name, launch, home)
      try {
        current = await untilReady(server, home, current, NEVER)
      } catch (error) {
        await stop()
        throw error
      }
    },
  }
}

/** The handle of a server the user gave: it is used, never started nor stopped. */
export async function attachGiven(server: Server, text: string): Promise<RunningService> {
  const { version, ...address } = await server.given(text).catch((error: unknown) => {
    const message = error instanceof Error ? error.message : String(error)
    throw new Error(`The server in ${server.variable} cannot be used: ${message}`)
  })
  const refuse = (): Promise<never> =>
    Promise.reject(new Error(`${server.name} was given in ${server.variable}; it is not ours.`))
  return {
    name: server.name,
    version,
    origin: 'given',
    address: formatHostPort(address.host, address.port),
    ...address,
    stop: () => Promise.resolve(),
    kill: refuse,
    restart: refuse,
  }
}

async function tail(file: string, start: number): Promise<string> {
  try {
    return await text(createReadStream(file, { start, encoding: 'utf8' }))
  } catch {
    return ''
  }
}
