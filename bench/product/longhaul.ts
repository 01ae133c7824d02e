import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client, Connection, WorkflowNotFoundError } from '@temporalio/client'
import { spawnWorker } from '../../workers/spawn.ts'
import { ROOT } from '../../workers/root.ts'
import { loadId, projectId, verifyId } from '../../workflows/messages.ts'
import { peakMb } from '../machine.ts'
import type { Farm } from './farm.ts'
import type { Loaded, System } from './system.ts'
import { SCHEMA } from './workloads.ts'

export const SALT = 16
export const FAMILY = 'd'
const PASSWORD = 'BENCH_PASSWORD'
/** Each look costs the Temporal server a millisecond; when a workflow ended is its own word. */
const LOOK_EVERY_MS = 250

/** longhaul as its users run it: a worker, a Temporal server, and the command line. */
export async function startLonghaul(farm: Farm): Promise<System> {
  const { folder, source, temporal } = farm
  const connections = join(folder, 'connections.yaml')
  await writeFile(connections, connectionsFile(farm))
  const child = await spawnWorker(
    ['--address', temporal.address, '--connections', connections, '--projects', folder],
    {
      env: { ...process.env, [PASSWORD]: source.password },
      stdio: ['ignore', 'pipe', openSync(join(folder, 'worker.log'), 'a')],
    },
  )
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  if (child.stdout !== null)
    for await (const line of createInterface({ input: child.stdout }))
      if (line.includes('"ready"')) break
  if (child.exitCode !== null) throw new Error(`The worker has ended; see ${folder}/worker.log`)
  const connection = await Connection.connect({ address: temporal.address })
  const client = new Client({ connection })
  const pid = child.pid ?? 0
  let runs = 0
  return {
    name: 'longhaul',
    pid,
    peakMb: () => peakMb(pid),
    async load(table) {
      const project = `${table}-${process.pid}-${++runs}-${pid}`
      const file = join(folder, `${project}.yaml`)
      await writeFile(file, projectFile(project, table))
      const began = performance.now()
      await command(['--address', temporal.address, 'start', file, '--proven-copy'])
      const load = await span(client, loadId(project, table))
      return {
        target: `${namespaceOf(project)}:${table}`,
        seconds: (performance.now() - began) / 1000,
        loadSeconds: load,
        async rest() {
          const verifySeconds = await span(client, verifyId(project, table, 1))
          await client.workflow.getHandle(projectId(project)).result()
          return { verifySeconds }
        },
      } satisfies Loaded
    },
    async close() {
      process.off('exit', kill)
      const ended = once(child, 'close')
      child.kill('SIGTERM')
      await ended
      await connection.close()
    },
  }
}

/** Waits for the end of a workflow that may not have begun yet; the seconds it took, as Temporal counts them. */
async function span(client: Client, id: string): Promise<number> {
  for (;;) {
    try {
      const { status, startTime, closeTime } = await client.workflow.getHandle(id).describe()
      if (status.name === 'COMPLETED' && closeTime !== undefined)
        return (closeTime.getTime() - startTime.getTime()) / 1000
      if (status.name !== 'RUNNING' && status.name !== 'CONTINUED_AS_NEW')
        throw new Error(`${id} has ended: ${status.name}`)
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error
    }
    await sleep(LOOK_EVERY_MS)
  }
}

/** The command line, as a user would type it. */
async function command(words: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [join(ROOT, 'cli', 'bin.js'), ...words], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  await once(child, 'close')
  if (child.exitCode !== 0)
    throw new Error(`longhaul ${words.join(' ')} ended with ${child.exitCode}`)
}

const connectionsFile = ({ source, hbase }: Farm): string => `\
sources:
  bench:
    address: ${source.address}
    user: ${source.user ?? ''}
    password: \${env:${PASSWORD}}
clusters:
  main:
    endpoints: ['${hbase.address}']
`

const namespaceOf = (project: string): string => `n_${project.replaceAll('-', '_')}`

const projectFile = (project: string, table: string): string => `\
project: ${project}
source: bench
cluster: main
namespace: ${namespaceOf(project)}
tables:
  - from: ${SCHEMA}.${table}
    family: ${FAMILY}
    rowKey: {salt: ${SALT}}
`
