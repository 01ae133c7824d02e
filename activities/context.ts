import type { KeyObject } from 'node:crypto'
import type { Client } from '@temporalio/client'
import type { Lag } from '../model/change.ts'
import type { Finding } from '../model/finding.ts'
import type { Project } from '../model/project.ts'
import type { Station } from '../model/stations.ts'
import type { Sink } from '../sinks/sink.ts'
import type { Source } from '../sources/source.ts'
import type { Watch } from './watch.ts'

/** What a worker lends its activities. Connections are opened once and shared. */
export interface ActivityContext {
  /** Names of all sources the connections file has. */
  readonly sources: readonly string[]
  /** Throws SOURCE_UNKNOWN, or what opening it throws. */
  readonly source: (name: string) => Promise<Source>
  /** Throws CLUSTER_UNKNOWN. */
  readonly sink: (cluster: string) => Promise<Sink>
  /** From the worker's projects folder; throws PROJECT_UNKNOWN or CONFIG_INVALID. */
  readonly loadProject: (name: string) => Promise<Project>
  readonly client: Client
  readonly watch: Watch
  /** Signs certificates; null when the connections file names none. */
  readonly signingKey: KeyObject | null
  /** Why the cluster takes no more of a target table at this moment, as status says it; null when it does. */
  readonly pushback: (target: string) => string | null
  readonly meter: Meter
  /** Says where a batch or range has come; does nothing in production, lets a test step in between. */
  readonly reached: (point: FailPoint) => Promise<void>
}

/**
 * The places where a crash or a stranger's write tells most (capture.md 8): after the token, after the log
 * was read, after the rows were read, after some of the writes, before the acknowledgement commits, and in
 * a load between reading and writing.
 */
export type FailPoint = 'token' | 'log-read' | 'rows-read' | 'written' | 'acknowledge' | 'load-read'

export type MeteredStage = 'load' | 'apply' | 'verify'

export interface Meter {
  readonly rows: (stage: MeteredStage, table: string, rows: number) => void
  /** So many more seconds of a stage were spent there. */
  readonly station: (stage: MeteredStage, table: string, station: Station, seconds: number) => void
  readonly lag: (source: string, lag: Lag, limit: number) => void
  /** Calls wait so many seconds because a server of the target has too much to do. */
  readonly pushback: (target: string, seconds: number) => void
  readonly findings: (findings: readonly Finding[]) => void
}
