import type { Workload } from './workloads.ts'

/** Who moves a table, in a process of its own that stays up from one load to the next. */
export interface System {
  readonly name: string
  readonly pid: number
  /** What is to be done before the clock runs. */
  prepare?(what: Load): Promise<void>
  /** Moves rows of a table of the source; resolves when the last one was acknowledged. */
  load(what: Load): Promise<Loaded>
  /** The most memory it ever held, in MB. */
  peakMb(): number | undefined
  close(): Promise<void>
}

export interface Load {
  readonly workload: Workload
  /** All rows of the table, but for a system that is too slow for all of them. */
  readonly rows: number
  /** Where the regions of the target begin; longhaul chooses by itself. */
  readonly splits: readonly Uint8Array[]
}

export interface Loaded {
  /** Where the rows are now. */
  readonly target: string
  /** From the command to the last acknowledgement. */
  readonly seconds: number
  /** Without what comes before the first row; the same as `seconds` where nothing does. */
  readonly loadSeconds: number
  /** To be called when the figures have been taken: whatever else the system does, to its end. */
  rest(): Promise<Rest>
}

export interface Rest {
  /** Of a verification of every row, where the system has one. */
  readonly verifySeconds?: number
}
