import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Launch, ServiceName } from './contract.ts'
import { readJson, writeJson } from './files.ts'
import { isAlive } from './process.ts'
import type { ProcessMark } from './process.ts'

/** What is known about a server that was started in a folder. */
export interface Started {
  readonly launch: Launch
  readonly mark: ProcessMark
  /** Length of the log file when it was started. */
  readonly logStart: number
  /** False while a start is under way, and for ever when it was cut off. */
  readonly ready: boolean
}

export function serviceFolder(folder: string, name: ServiceName): string {
  return join(folder, name)
}

export function logFile(folder: string, name: ServiceName): string {
  return join(serviceFolder(folder, name), `${name}.log`)
}

export async function remember(folder: string, name: ServiceName, started: Started): Promise<void> {
  await writeJson(file(folder, name), started)
}

/** Undefined when nothing was started, or what was started is dead: then the state is stale. */
export async function recall(folder: string, name: ServiceName): Promise<Started | undefined> {
  const started = await readJson<Started>(file(folder, name))
  return started && isAlive(started.mark) ? started : undefined
}

export async function forget(folder: string, name: ServiceName): Promise<void> {
  await rm(file(folder, name), { force: true })
}

function file(folder: string, name: ServiceName): string {
  return join(serviceFolder(folder, name), 'state.json')
}
