import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { openSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { freePort } from '../../services/ports.ts'
import { spawnWorker } from '../../workers/spawn.ts'
import type { Farm } from './farm.ts'
import { PASSWORD } from './project.ts'
import { connectionsFile } from './project.ts'

/** A worker as its users run it. */
export interface Worker {
  readonly pid: number
  /** Rows it has loaded, or changes it has applied, since it was started; 0 without a page of metrics. */
  counted(stage: 'load' | 'apply'): Promise<number>
  kill(): void
  close(): Promise<void>
}

/** With a page of metrics if asked for: to read it costs the worker some milliseconds each time. */
export async function startWorker(farm: Farm, { metrics = false } = {}): Promise<Worker> {
  const { folder, source, temporal } = farm
  const connections = join(folder, 'connections.yaml')
  await writeFile(connections, connectionsFile(farm))
  const port = metrics ? await freePort() : undefined
  const child = await spawnWorker(
    [
      ...['--address', temporal.address, '--connections', connections, '--projects', folder],
      ...(port === undefined ? [] : ['--metrics', String(port)]),
    ],
    {
      env: { ...process.env, [PASSWORD]: source.password },
      stdio: ['ignore', 'pipe', openSync(join(folder, 'worker.log'), 'a')],
    },
  )
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  child.once('close', () => process.off('exit', kill))
  await untilReady(child, folder)
  return {
    pid: child.pid ?? 0,
    async counted(stage) {
      if (port === undefined) return 0
      const page = await fetch(`http://127.0.0.1:${port}/metrics`)
      return countIn(await page.text(), stage)
    },
    kill,
    async close() {
      const ended = once(child, 'close')
      child.kill('SIGTERM')
      await ended
    },
  }
}

async function untilReady(child: ChildProcess, folder: string): Promise<void> {
  if (child.stdout !== null)
    for await (const line of createInterface({ input: child.stdout }))
      if (line.includes('"ready"')) break
  if (child.exitCode !== null) throw new Error(`The worker has ended; see ${folder}/worker.log`)
}

/** The rows of a stage, all tables together, as a page of metrics has them. */
export function countIn(page: string, stage: string): number {
  const lines = page.matchAll(/^longhaul_rows_total\{(.*)\} (\S+)$/gm)
  return [...lines]
    .filter(([, labels]) => labels?.includes(`stage="${stage}"`))
    .reduce((sum, [, , value]) => sum + Number(value), 0)
}
