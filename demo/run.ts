import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '@temporalio/client'
import type { RunningService, Witness } from '../services/index.ts'
import type { Closing } from './closing.ts'
import type { Database } from './database.ts'
import type { DemoOptions } from './options.ts'
import type { Screen } from './screen.ts'
import type { Seen } from './watch.ts'
import type { WorkerProcess } from './worker.ts'
import type { Writer } from './writer.ts'

export const PROJECT = 'shop'

/** What all steps share. */
export interface Demo {
  readonly options: DemoOptions
  readonly folder: string
  readonly screen: Screen
  readonly closing: Closing
  /** Aborts by Ctrl-C, and when something ends that should not. */
  readonly signal: AbortSignal
  readonly fail: (error: Error) => void
}

export interface Servers {
  readonly temporal: RunningService
  readonly hbase: RunningService
  readonly mysql: RunningService
  readonly witness: Witness
}

/** A migration under way. */
export interface Migration extends Demo {
  readonly servers: Servers
  readonly database: Database
  readonly client: Client
  readonly seen: Seen
  readonly writer: Writer
  readonly files: Files
  /** The worker of the moment, and those before it. */
  readonly workers: WorkerProcess[]
}

export interface Files {
  readonly connections: string
  readonly project: string
  readonly workerLog: string
}

/** Waits until it is so, looking several times a second. */
export async function until(
  { signal, seen }: Migration,
  isSo: () => boolean,
  look: () => void = () => undefined,
): Promise<void> {
  for (;;) {
    signal.throwIfAborted()
    look()
    refuseEnd(seen)
    if (isSo()) return
    await sleep(150, undefined, { signal }).catch(() => undefined)
  }
}

const ENDED = ['FAILED', 'CANCELLED', 'TERMINATED', 'TIMED_OUT']

function refuseEnd({ state, status }: Seen): void {
  if (ENDED.includes(state)) throw new Error(`The project has ended: ${state.toLowerCase()}.`)
  if (status?.question) throw new Error(`The project asks: ${status.question.text}`)
  const failed = Object.entries(status?.tables ?? {}).find(([, table]) => table.state === 'failed')
  if (failed) throw new Error(`${failed[0]} failed: ${failed[1].error ?? ''}`)
}
