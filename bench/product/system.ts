/** Who moves a table, in a process of its own that stays up from one load to the next. */
export interface System {
  readonly name: string
  readonly pid: number
  /** Moves all rows of a table of the source; resolves when the last one was acknowledged. */
  load(table: string): Promise<Loaded>
  /** The most memory it ever held, in MB. */
  peakMb(): number | undefined
  close(): Promise<void>
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
