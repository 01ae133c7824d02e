import { openSync, readFileSync } from 'node:fs'
import { spawnWorker } from '../../workers/spawn.ts'

export interface WorkerProcess {
  readonly pid: number
  /** Resolves when the process is gone; for SIGSTOP and SIGCONT at once. */
  kill(signal: NodeJS.Signals): Promise<void>
  stop(): Promise<void>
}

export interface WorkerOptions {
  readonly address: string
  readonly namespace: string
  readonly connections: string
  readonly projects: string
  /** Its log goes here; appended. */
  readonly log: string
  readonly env: Readonly<Record<string, string>>
  readonly sources?: readonly string[]
  /** Port of its page for Prometheus; none when left out. */
  readonly metrics?: number
}

/** A worker as users run it: a process of its own, ready when it says so. */
export async function startWorker(options: WorkerOptions): Promise<WorkerProcess> {
  const child = await spawnWorker(
    [
      ...['--address', options.address, '--namespace', options.namespace],
      ...['--connections', options.connections, '--projects', options.projects],
      ...(options.sources === undefined ? [] : ['--sources', options.sources.join(',')]),
      ...(options.metrics === undefined ? [] : ['--metrics', String(options.metrics)]),
    ],
    {
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', openSync(options.log, 'a')],
    },
  )
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  let ready = false
  await new Promise<void>((resolve, reject) => {
    child.stdout?.once('data', () => {
      ready = true
      resolve()
    })
    void gone.then(() => {
      if (!ready) reject(new Error(`The worker ended: ${readFileSync(options.log, 'utf8')}`))
    })
  })
  const pid = child.pid ?? 0
  const kill = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill(signal)
    if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') await gone
  }
  return {
    pid,
    kill,
    async stop() {
      await kill('SIGCONT')
      await kill('SIGTERM')
    },
  }
}
