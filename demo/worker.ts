import type { ChildProcess } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { spawnWorker } from '../workers/spawn.ts'

export const ROOT = fileURLToPath(new URL('..', import.meta.url))

export interface WorkerSettings {
  readonly address: string
  readonly connections: string
  readonly projects: string
  readonly logFile: string
  readonly environment: Readonly<Record<string, string>>
  /** It may outlive this process. */
  readonly keep: boolean
  /** Told when it ends although nobody killed it. */
  readonly onEnd: (error: Error) => void
}

export interface WorkerProcess {
  readonly pid: number
  /** The most memory it has had at once, in bytes; 0 before the first look. */
  readonly peakBytes: () => number
  kill(signal: NodeJS.Signals): Promise<void>
}

const RSS_EVERY_MS = 250
const PATIENCE_MS = 20_000

/** Starts a worker as a user would, in a process group of its own: Ctrl-C in the terminal does not reach it. */
export async function startWorker(
  settings: WorkerSettings,
  signal: AbortSignal,
): Promise<WorkerProcess> {
  const log = openSync(settings.logFile, 'a')
  const child = await spawnWorker(flags(settings), {
    env: { ...process.env, ...settings.environment },
    detached: true,
    stdio: ['ignore', 'pipe', log],
  })
  closeSync(log)
  const forget = settings.keep ? () => undefined : killAtExit(child)
  const peak = { bytes: 0 }
  const timer = setInterval(
    () => void (peak.bytes = Math.max(peak.bytes, memoryOf(child.pid))),
    RSS_EVERY_MS,
  )
  timer.unref()
  let expected = false
  const ended = once(child, 'close').then(([code]): never => {
    clearInterval(timer)
    forget()
    const error = new Error(`The worker ended by itself (${String(code)}); see ${settings.logFile}`)
    if (!expected) settings.onEnd(error)
    throw error
  })
  ended.catch(() => undefined)
  const kill = async (how: NodeJS.Signals): Promise<void> => {
    expected = true
    peak.bytes = Math.max(peak.bytes, memoryOf(child.pid))
    killGroup(child, how)
    const force = setTimeout(() => killGroup(child, 'SIGKILL'), PATIENCE_MS)
    await ended.catch(() => undefined)
    clearTimeout(force)
  }
  try {
    await Promise.race([ready(child), ended, aborted(signal)])
  } catch (error) {
    await kill('SIGKILL')
    throw error
  }
  child.unref()
  return { pid: child.pid ?? 0, peakBytes: () => peak.bytes, kill }
}

const flags = ({ address, connections, projects }: WorkerSettings): string[] => [
  ...['--address', address],
  ...['--connections', connections],
  ...['--projects', projects],
]

/** Its one line on standard output says that every queue is polled. */
async function ready(child: ChildProcess): Promise<void> {
  if (child.stdout === null) return
  const lines = createInterface({ input: child.stdout })
  for await (const line of lines) if (line.includes('"ready"')) break
  child.stdout.destroy()
}

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const stop = (): void => reject(signal.reason as Error)
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })

/** With the processes it has started itself. */
function killGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal)
  } catch {
    // It has ended already
  }
}

/** Without `keep` it may not outlive an error nobody caught. */
function killAtExit(child: ChildProcess): () => void {
  const kill = (): void => killGroup(child, 'SIGKILL')
  process.once('exit', kill)
  return () => void process.removeListener('exit', kill)
}

/** The kernel's own high-water mark where there is one. */
function memoryOf(pid: number | undefined): number {
  if (pid === undefined) return 0
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024
  } catch {
    return 0
  }
}
