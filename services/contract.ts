/** The servers longhaul runs against. Each one is found, fetched, started and stopped the same way. */
export type ServiceName = 'temporal' | 'hbase' | 'mysql' | 'mariadb'

export const SERVICE_NAMES: readonly ServiceName[] = ['temporal', 'hbase', 'mysql', 'mariadb']

export type Log = (line: string) => void

/** Where a server answers, and as whom. */
export interface Address {
  readonly host: string
  readonly port: number
  readonly user?: string
  readonly password?: string
  /** Temporal's web page. */
  readonly ui?: string
  /** HBase only, host:port. */
  readonly zookeeper?: string
  /** HBase only, host:port. `port` is the master's; either one answers as registry. */
  readonly regionServer?: string
}

export interface RunningService extends Address {
  readonly name: ServiceName
  readonly version: string
  /** 'given', 'PATH', 'cache', or the place the program was fetched from. */
  readonly origin: string
  /** host:port */
  readonly address: string
  /** Absent for a server the user gave. */
  readonly pid?: number
  /** What the server prints goes here. Absent for a server the user gave. */
  readonly logFile?: string
  /** Safe to repeat. The data stays. */
  stop(): Promise<void>
  /** Resolves once the process is gone, for SIGSTOP and SIGCONT at once. */
  kill(signal: NodeJS.Signals): Promise<void>
  /** Same ports, same data; resolves when the server is ready. */
  restart(): Promise<void>
}

/** HBase only: how the server shall differ from the usual one. */
export interface HBaseExtras {
  /** More than one have ports of their own choice, and do not survive a restart. */
  readonly regionServers?: number
  /** The address of master and region servers instead of 127.0.0.1, for example ::1. */
  readonly host?: string
  /** For hbase-site.xml, besides or in place of the usual settings. */
  readonly settings?: Readonly<Record<string, string>>
  /** Options of its Java. */
  readonly java?: readonly string[]
}

export interface StartOptions {
  /** Data, logs and state of the servers. Two folders never disturb each other. */
  readonly folder: string
  readonly log: Log
  /** Interrupts the start: everything begun by this call is stopped before it rejects. */
  readonly signal?: AbortSignal
  /** Leave the servers running when this process ends. Otherwise what was not stopped is killed then. */
  readonly keep?: boolean
  readonly hbase?: HBaseExtras
}

/** Everything needed to run the server again later, from another process too. Plain JSON. */
export interface Launch {
  readonly version: string
  readonly origin: string
  readonly command: string
  readonly arguments: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly cwd: string
  readonly address: Address
}

/** What `prepare` may use. */
export interface Site {
  /** The server's own folder, already made. */
  readonly folder: string
  readonly log: Log
  readonly signal: AbortSignal
  readonly hbase?: HBaseExtras
}

/** A started process, as the readiness check sees it. */
export interface Watched {
  alive(): boolean
  /** What the server has printed since this start. */
  printed(): Promise<string>
  readonly signal: AbortSignal
}

export interface Server {
  readonly name: ServiceName
  /** The environment variable that names a server the user already runs. */
  readonly variable: string
  /** How long it may take to end after SIGTERM before it is killed. */
  readonly patienceMs: number
  given(text: string): Promise<Address & { readonly version: string }>
  /** Finds or fetches the program and makes the data folder. Safe to repeat. */
  prepare(site: Site): Promise<Launch>
  /** Resolves once a client can really work with it. */
  ready(launch: Launch, watched: Watched): Promise<void>
  /** Brings the program onto this machine without starting it. */
  fetch(
    log: Log,
    signal: AbortSignal,
  ): Promise<{ readonly version: string; readonly origin: string }>
}
