import type { JavaProgram } from '../java.ts'
import type { Farm } from './farm.ts'
import type { Witness } from './witness.ts'
import type { Workload } from './workloads.ts'

/** How much of everything is done. */
export interface Sizes {
  /** Of one load. */
  readonly rows: number
  /** How often a comparison or a drain is repeated. */
  readonly pairs: number
  readonly workloads: readonly Workload[]
  /** Loads of longhaul alone. */
  readonly sizes: readonly number[]
  /** Changes that wait in the log when it is drained. */
  readonly changes: number
  /** Changes in a second, each for so many seconds. */
  readonly rates: readonly number[]
  readonly seconds: number
  /** How often a project is started, and a worker killed. */
  readonly starts: number
  readonly kills: number
  /** Rows of hbase-rpc-client, which is slow. */
  readonly slowRows: number
}

/** Servers that were warmed up, and all that a measurement needs. */
export interface Bench {
  readonly farm: Farm
  readonly witness: Witness
  readonly loader: JavaProgram
  readonly sizes: Sizes
}

/** What a measurement has found: a page, a chart, all numbers, and those that are printed. */
export interface Outcome {
  /** Of the files in bench/results. */
  readonly name: string
  readonly title: string
  /** What was done, without servers and machine. */
  readonly about: string
  readonly table: string
  readonly chart: string
  readonly data: object
  readonly ratios: object
}

export interface Kind {
  readonly name: string
  readonly about: string
  run(bench: Bench): Promise<readonly Outcome[]>
}
