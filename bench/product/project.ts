import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client, Connection, WorkflowNotFoundError } from '@temporalio/client'
import { ROOT } from '../../workers/root.ts'
import type { Farm } from './farm.ts'
import { FAMILY, SCHEMA } from './workloads.ts'
import type { Workload } from './workloads.ts'

export const PASSWORD = 'BENCH_PASSWORD'
/** Each look costs the Temporal server a millisecond; when a workflow ended is its own word. */
const LOOK_EVERY_MS = 250

/** A project of one table, and the command line. */
export interface Project {
  readonly name: string
  readonly file: string
  readonly target: string
  /** longhaul's command line, as a user would type it; fails when it ends with anything but 0. */
  readonly command: (...words: readonly string[]) => Promise<void>
}

let projects = 0

export async function newProject(
  { folder, temporal }: Farm,
  { name: table, salt }: Pick<Workload, 'name' | 'salt'>,
): Promise<Project> {
  const name = `${table}-${process.pid}-${++projects}`
  const namespace = `n_${name.replaceAll('-', '_')}`
  const file = join(folder, `${name}.yaml`)
  await writeFile(file, projectFile({ name, namespace, table, salt }))
  return {
    name,
    file,
    target: `${namespace}:${table}`,
    async command(...words) {
      const child = spawn(
        process.execPath,
        [join(ROOT, 'cli', 'bin.js'), '--address', temporal.address, ...words],
        { stdio: ['ignore', 'ignore', 'inherit'] },
      )
      await once(child, 'close')
      if (child.exitCode !== 0)
        throw new Error(`longhaul ${words.join(' ')} ended with ${child.exitCode}`)
    },
  }
}

/** Temporal's own client, to ask how far a project is. */
export async function openTemporal({ temporal }: Farm) {
  const connection = await Connection.connect({ address: temporal.address })
  return { client: new Client({ connection }), close: () => connection.close() }
}

/** Waits for the end of a workflow that may not have begun yet; the seconds it took, as Temporal counts them. */
export async function span(client: Client, id: string): Promise<number> {
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

export const connectionsFile = ({ source, hbase }: Farm): string => `\
sources:
  bench:
    address: ${source.address}
    user: ${source.user ?? ''}
    password: \${env:${PASSWORD}}
clusters:
  main:
    endpoints: ['${hbase.address}']
`

interface Lines {
  readonly name: string
  readonly namespace: string
  readonly table: string
  readonly salt: number | null
}

const projectFile = ({ name, namespace, table, salt }: Lines): string => `\
project: ${name}
source: bench
cluster: main
namespace: ${namespace}
tables:
  - from: ${SCHEMA}.${table}
    family: ${FAMILY}
    rowKey: {${salt === null ? '' : `salt: ${salt}`}}
`
