import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow'
import {
  defineSearchAttributeKey,
  type SignalDefinition,
  type UpdateDefinition,
} from '@temporalio/common'
import type { Lag } from '../model/change.ts'
import type { Mapping } from '../model/mapping.ts'
import type {
  ApplyStatus,
  Gate,
  Orphan,
  LoadStatus,
  Phase,
  Project,
  ProjectStatus,
  Throttle,
  VerifyMode,
  VerifyStatus,
} from '../model/project.ts'

/** Input of `migrateProject`. Without a spec the worker looks for the project in its projects folder. */
export interface MigrateProject {
  readonly project: string
  readonly spec?: Project
  /** Stop after this phase and take the capture back: `verify` makes a proven copy. */
  readonly to?: Phase
}

/** A control is an Update (validated, answered) and a Signal (fire and forget) of the same name; repeating it is harmless. */
export interface Control<Argument, Answered = string> {
  readonly name: string
  readonly description: string
  readonly update: UpdateDefinition<Answered, [Argument]>
  readonly signal: SignalDefinition<[Argument]>
}

const control = <Argument, Answered = string>(
  name: string,
  description: string,
): Control<Argument, Answered> => ({
  name,
  description,
  update: defineUpdate<Answered, [Argument]>(name),
  signal: defineSignal<[Argument]>(name),
})

export interface Pause {
  /** `now` also interrupts what runs; it goes on at the same row. */
  readonly mode?: 'drain' | 'now'
  readonly reason?: string
}
export interface Answer {
  readonly questionId: string
  readonly option: string
}
export interface Verify {
  /** Names of tables; all of them when left out. */
  readonly tables?: readonly string[]
  /** As the project file says when left out. */
  readonly mode?: VerifyMode
}
export interface Correct {
  /** Names of tables; all that differ when left out. */
  readonly tables?: readonly string[]
}
export interface Reload {
  /** Names of tables. */
  readonly tables: readonly string[]
}
/** A table to be kept in step, with the hash of what it looks like. */
export interface AppliedTable {
  readonly mapping: Mapping
  readonly schemaHash: string
}
export interface SwitchOver {
  /** The application's writers are stopped: nothing but longhaul writes to the source from now on. */
  readonly writersStopped: boolean
  /** Only read every gate: nothing is locked, drained or verified. */
  readonly dryRun?: boolean
}
export interface SwitchAnswer {
  readonly switched: boolean
  /** The first reason that matters; null when switched. */
  readonly because: string | null
  /** The gates as they were read; empty when they could not be. */
  readonly gates: readonly Gate[]
}
export interface RollBack {
  /** No application writes to HBase from now on; what it wrote there is not in the source. */
  readonly writersStopped: boolean
  /** Only read every gate. */
  readonly dryRun?: boolean
}
export interface RollbackAnswer {
  readonly rolledBack: boolean
  /** The first reason against it; null when it was done, or could be. */
  readonly because: string | null
  /** The gates as they were read; empty when they could not be. */
  readonly gates: readonly Gate[]
}
/** Input of `sweepOrphans`. */
export interface SweepOrphans {
  /** Take them out of the sources; otherwise they are only named. */
  readonly release?: boolean
  /** Projects to take out although this namespace has never heard of them: another Temporal may serve them. */
  readonly also?: readonly string[]
  /** Only what ended longer ago; 60 when left out. */
  readonly minutes?: number
}

export interface Swept {
  readonly orphans: readonly (Orphan & { readonly released: boolean })[]
  /** Sources that could not be looked at, and why. */
  readonly unseen: Readonly<Record<string, string>>
}
/** What is left out stays as it is; null takes a limit away. */
export type Throttling = Partial<Throttle>
export type Nothing = object | undefined

export const pause = control<Pause | undefined>(
  'pause',
  'Stop taking new work; {"mode":"now"} also interrupts what runs',
)
export const resume = control<Nothing>('resume', 'Go on after a pause')
export const throttle = control<Throttling>(
  'throttle',
  'Change limits at once: {"rowsPerSecond":5000}, also threadsRunning and replicationLagSeconds; null for none',
)
export const answer = control<Answer>(
  'answer',
  'Answer the open question: {"questionId":"...","option":"..."}',
)
export const verify = control<Verify | undefined>(
  'verify',
  'Verify again: {"tables":["goods"],"mode":"points"}, or all tables, as the project file says; possible while waiting for the switchover',
)
export const correct = control<Correct | undefined>(
  'correct',
  'Write the rows that are known to differ as they are now, and look at them again: {"tables":["goods"]}, or all tables',
)
export const reload = control<Reload>(
  'reload',
  'Take tables as they are now, and load them again: {"tables":["goods"]}; possible once all were loaded',
)
export const switchOverNow = control<SwitchOver, SwitchAnswer>(
  'switchOver',
  'Switch over: {"writersStopped":true}, or read its gates: {"writersStopped":true,"dryRun":true}; answers whether it was done, or the first reason against it',
)
export const rollback = control<RollBack, RollbackAnswer>(
  'rollback',
  'Take a switchover back: {"writersStopped":true}, or read its gates: {"writersStopped":true,"dryRun":true}',
)
export const release = control<Nothing>(
  'release',
  'Give up: end the project and take every trigger and log row out of the source',
)
/** To `applyChanges`: end after what is in hand. */
export const stop = control<Nothing>('stop', 'End after what is in hand')

/** To `applyChanges`: keep these tables in step as they are now. */
export const follow = control<readonly AppliedTable[]>('follow', 'Follow tables as they are now')

/** To `applyChanges`, from what it runs: this log is too long. */
export const logAlarm = defineSignal<[{ readonly source: string; readonly lag: Lag }]>('logAlarm')

export const projectStatus = defineQuery<ProjectStatus>('status')
/** The limits as they are now; running activities ask for them again and again. */
export const limitsNow = defineQuery<Throttle | null>('limits')
export const loadStatus = defineQuery<LoadStatus>('status')
export const applyStatus = defineQuery<ApplyStatus>('status')
export const verifyStatus = defineQuery<VerifyStatus>('status')

export const ATTRIBUTES = {
  project: defineSearchAttributeKey('LonghaulProject', 'KEYWORD'),
  table: defineSearchAttributeKey('LonghaulTable', 'KEYWORD'),
  phase: defineSearchAttributeKey('LonghaulPhase', 'KEYWORD'),
  state: defineSearchAttributeKey('LonghaulState', 'KEYWORD'),
  source: defineSearchAttributeKey('LonghaulSource', 'KEYWORD'),
  rows: defineSearchAttributeKey('LonghaulRows', 'INT'),
  lag: defineSearchAttributeKey('LonghaulLagSeconds', 'INT'),
  alarm: defineSearchAttributeKey('LonghaulAlarm', 'KEYWORD'),
  diffs: defineSearchAttributeKey('LonghaulDiffs', 'INT'),
} as const

export const CONTROL_QUEUE = 'longhaul'
export const sourceQueue = (source: string): string => `longhaul-source-${source}`

export const projectId = (project: string): string => `project/${project}`
export const applyId = (project: string): string => `project/${project}/apply`
export const loadId = (project: string, table: string): string => `project/${project}/load/${table}`
export const verifyId = (project: string, table: string, round: number): string =>
  `project/${project}/verify/${table}/${round}`
