import type { Lag } from './change.ts'
import type { DifferingRows } from './differing.ts'
import type { Mapping } from './mapping.ts'
import type { Shares } from './stations.ts'

/** What a project file says: everything a migration needs but the connections. Plain JSON, no secret. */
export interface Project {
  readonly name: string
  readonly tables: readonly Mapping[]
  readonly limits: Limits
  readonly verify: {
    readonly mode: VerifyMode
    /** How large a sample is; left out by earlier releases. */
    readonly sample?: SampleSize
    /** What happens with differences: corrected at once, after a question, or left as they are. */
    readonly correct: 'auto' | 'ask' | 'never'
  }
  readonly switch: {
    readonly maxLagSeconds: number
    readonly certificateMaxAgeSeconds: number
    /** What a switchover has to be shown; every cell when left out. */
    readonly proof?: Proof
    /** For so long after a switchover it can be taken back; 0: not at all. */
    readonly rollbackSeconds: number
  }
}

/**
 * How the two sides are compared, cell by cell either way: `points` asks the target for each row; `buckets` sums both
 * sides end to end and looks only at rows whose sums differ. `auto` takes what costs less for the size of the table.
 * The others prove less: `sample` compares some rows cell by cell, `count` which rows are there and not what is in them.
 */
export const VERIFY_MODES = ['auto', 'points', 'buckets', 'sample', 'count'] as const
export type VerifyMode = (typeof VERIFY_MODES)[number]

/** What a verification can show, the least first. */
export const PROOFS = ['count', 'sample', 'full'] as const
export type Proof = (typeof PROOFS)[number]

export interface SampleSize {
  readonly percent: number
  /** At least so many, or all there are. */
  readonly rows: number
  /** The same seed picks the same rows; the number of the verification when null. */
  readonly seed: number | null
}

/** How the rows of a sample were picked: each by a hash of its key and the seed, with the same chance, on both sides. */
export interface Sample {
  /** 0 to 1. */
  readonly part: number
  readonly seed: number
}

export interface Limits {
  readonly tablesInParallel: number
  /** Ranges of one table copied or verified at the same time. */
  readonly rangesInParallel: number
  readonly rowsPerRange: number
  /** For each range in flight; null for no limit. */
  readonly rowsPerSecond: number | null
  /** Rows wait to be read while a source has more to do than this. */
  readonly source: Omit<Throttle, 'rowsPerSecond'>
  /** More changes waiting in the log of a source raise an alarm. */
  readonly logRows: number
  /** A stage that takes longer asks whether to go on. */
  readonly askAfterSeconds: number
  readonly onNoAnswer: 'continue' | 'stop'
}

/** The limits that can be changed while a project runs; null for none. */
export interface Throttle {
  /** For each range in flight. */
  readonly rowsPerSecond: number | null
  /** Threads that work in the source, ours among them, as its Threads_running says. */
  readonly threadsRunning: number | null
  /** How far the slowest of the source's replicas may be behind it. */
  readonly replicationLagSeconds: number | null
}

/** The stages in their order; `done` when there is nothing left to do. */
export const PHASES = ['structure', 'load', 'apply', 'verify', 'switch', 'done'] as const
export type Phase = (typeof PHASES)[number]

export type ProjectCondition =
  'running' | 'paused' | 'waiting' | 'switched' | 'done' | 'failed' | 'cancelled'

/** A question to a person: durable, with a deadline and what happens without an answer. */
export interface Question {
  readonly id: string
  readonly text: string
  readonly options: readonly string[]
  readonly otherwise: string
  /** Epoch milliseconds. */
  readonly deadline: number
}

export type TableState =
  | 'waiting'
  | 'loading'
  | 'loaded'
  | 'verifying'
  | 'verified'
  /** Nothing differs in the sample. */
  | 'sampled'
  /** Both sides have the same rows; their cells were not looked at. */
  | 'counted'
  | 'different'
  | 'failed'

export interface TableProgress {
  readonly state: TableState
  /** Rows copied so far. */
  readonly rows: number
  /** Rows the source thinks the table has. */
  readonly estimate: number
  /** Hash of the columns, types and key the project was started with. */
  readonly schemaHash: string
  /** Why the table failed: a code of docs/errors.md and its sentence. */
  readonly error?: string
}

/** What the query `status` of a project answers. */
export interface ProjectStatus {
  readonly project: string
  readonly phase: Phase
  readonly condition: ProjectCondition
  readonly paused: boolean
  readonly question: Question | null
  readonly tables: Readonly<Record<string, TableProgress>>
  readonly certificate: Certificate | null
  /** Epoch milliseconds of the project's first start. */
  readonly startedAt: number
  /** Null before the project file was read. */
  readonly throttle: Throttle | null
  /** The first reason the last attempt to switch over was refused. */
  readonly refused: string | null
  /** Until then a switchover can be taken back, in epoch milliseconds; null when there is none, or no way back. */
  readonly rollbackUntil: number | null
  /** What is known to differ, or not known to be equal, by table; left out by earlier releases. */
  readonly differences?: Readonly<Record<string, Differing>>
}

export interface Differing extends DifferingRows {
  /** Rows that changed during every look at them: neither equal nor different. Left out by earlier releases. */
  readonly unstable?: number
  /** Names the rows of `longhaul:diff` that list those that differ by key. */
  readonly list: string
}

/** What the query `status` of `project/<p>/load/<t>` answers; a running activity's heartbeat adds the rest. */
export interface LoadStatus {
  readonly table: string
  readonly rows: number
  readonly estimate: number
  readonly ranges: number
  readonly inFlight: number
  readonly paused: boolean
}

/** What the query `status` of `project/<p>/apply` answers. */
export interface ApplyStatus {
  readonly applied: number
  /** Of all sources together. */
  readonly lag: Lag
  /** By source. */
  readonly lags: Readonly<Record<string, Lag>>
  /** More changes than these in one of them raise an alarm. */
  readonly logRows: number
  readonly paused: boolean
  /** Why apply stands still until somebody resumes it. */
  readonly error: string | null
  /** Tables that are left out, by their names in the project, and why: each waits for `resume`, or to be loaded again. */
  readonly halted: Readonly<Record<string, string>>
}

/** What the query `status` of `project/<p>/verify/<t>/<n>` answers. */
export interface VerifyStatus {
  readonly table: string
  readonly rows: number
  readonly estimate: number
  readonly differences: number
  readonly paused: boolean
}

/** Heartbeat of a running range or batch loop, for those who watch; cursors in it are sealed. */
export interface Beat {
  readonly rows: number
  /** Sealed; null at the start of the range. */
  readonly at: string | null
  /** What holds it up, when something does: `45 threads running, limit 30`. */
  readonly waitsFor?: string
  /** Why HBase takes no more at this moment: `RegionTooBusyException`. */
  readonly pushback?: string
  /** Where its last seconds went. */
  readonly shares?: Shares
}

/**
 * What a verification of one table found. The counts add up: rows = matched + missing + different + unstable;
 * on a quiet table also stored = matched + different + extra.
 */
export interface VerifyReport {
  readonly table: string
  readonly rows: number
  readonly matched: number
  readonly missing: number
  readonly different: number
  readonly extra: number
  /** Rows of the target, counted by a scan of their keys. */
  readonly stored: number
  /** Keys that changed during every look at them; neither equal nor different. */
  readonly unstable: number
  readonly cells: number
  /** Sum, modulo 2^64, of a hash of each row's key and cells: equal whatever the order of reading. Hex. */
  readonly sourceDigest: string
  readonly targetDigest: string
  /** The rows that matched, in sixteenths; left out by earlier releases. */
  readonly links?: Links
  readonly mode: Exclude<VerifyMode, 'auto'>
  /** In mode sample. */
  readonly sample?: Sample
  readonly ranges: number
  /** Names the rows of `longhaul:diff` that list the differences. */
  readonly differences: string
  /** Epoch milliseconds. */
  readonly startedAt: number
  readonly finishedAt: number
}

/** A sixteenth of the rows of a table, by a hash of their keys. */
export interface Link {
  readonly rows: number
  readonly cells: number
  /** Sum of the digests of these rows as they must be stored, modulo 2^64. Hex. */
  readonly digest: string
}

/** By number; a link without rows has no entry. */
export type Links = Readonly<Record<string, Link>>

export interface CertifiedTable {
  readonly name: string
  readonly from: string
  readonly to: string
  readonly rows: number
  readonly cells: number
  readonly digest: string
  /** The key space that was read: `-inf .. +inf`, in so many ranges; of a sample or a count, what it leaves out. */
  readonly covered: string
  /** `buckets`: rows whose sums were equal were not looked at one by one. */
  readonly mode: Exclude<VerifyMode, 'auto'>
  readonly sample?: Sample
  readonly differencesFound: number
  readonly differencesCorrected: number
  /** Version of the loaded cells, and the newest version when it was verified. */
  readonly tokens: readonly [number, number]
  readonly verifiedAt: string
  readonly schemaHash: string
  /** What `certificate --check` needs to make every row again; left out by earlier releases, with the next two. */
  readonly mapping?: Mapping
  /** Sixteenths of the rows, by a hash of their keys: rows, cells and the sum of their digests. */
  readonly links?: Links
  /** The end of a chain of SHA-256 over mapping, schema and links. Hex. */
  readonly chain?: string
  /** Nothing differs in what was looked at; what that was, `mode` says. */
  readonly clean: boolean
}

/** The signed-off result of a verification. */
export interface Certificate {
  readonly project: string
  readonly issuedAt: string
  /** Every cell of every table was compared, and none differs: never that of a sample or a count. */
  readonly clean: boolean
  readonly tables: readonly CertifiedTable[]
  /** Product and version of every server that was read, by the name the connections file gives it. */
  readonly servers: Readonly<Record<string, string>>
  readonly deadLetters: number
  /** SHA-256 over all the rest but the signature, in canonical JSON. Hex. */
  readonly digest: string
  /** Over the same; left out where the connections file names no key to sign with. */
  readonly signature?: Signature
}

export interface Signature {
  readonly algorithm: 'Ed25519'
  /** SubjectPublicKeyInfo in DER, base64. */
  readonly publicKey: string
  /** Base64. */
  readonly value: string
}

/** One condition of a switchover, as it stands. */
export interface Gate {
  readonly name: string
  readonly reading: string
  /** Why it stands against a switchover; null when it does not. */
  readonly because: string | null
}

/** A project that nobody works for, and whose triggers and log are still in a source. */
export interface Orphan {
  readonly project: string
  readonly source: string
  /** How its workflow ended; null when nobody knows of one. */
  readonly ended: string | null
}

/** What a project ends with. */
export interface ProjectResult {
  readonly project: string
  readonly switched: boolean
  readonly certificate: Certificate | null
}
