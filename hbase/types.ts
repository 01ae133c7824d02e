import type { HBaseError } from './errors.ts'
import type { Selection } from './selection.ts'
import type { Hosts } from './address.ts'
import type { ZooKeeperOptions } from './zookeeper.ts'

/** The wire values of KeyValue.Type. */
export const KeyType = {
  put: 4,
  /** Hides exactly this version of the column. */
  delete: 8,
  /** Hides exactly this version of all columns of the family; its qualifier is empty. */
  deleteFamilyVersion: 10,
  /** Hides all versions of the column up to the timestamp. */
  deleteColumn: 12,
  /** Hides all columns of the family up to the timestamp; its qualifier is empty. */
  deleteFamily: 14,
} as const

/** One value or delete marker to be written. */
export interface Cell {
  /** One of `KeyType`. */
  readonly type: number
  readonly family: Uint8Array
  readonly qualifier: Uint8Array
  /** Milliseconds, always given, so that writing a cell again changes nothing. 0 to 2^53. */
  readonly timestamp: number
  /** Empty for markers. */
  readonly value: Uint8Array
}

/** Everything that happens to one row: values, markers, or both. */
export interface Mutation {
  readonly row: Uint8Array
  readonly cells: readonly Cell[]
}

/** One cell as HBase holds it; its arrays are views of the answer they came with. */
export interface StoredCell {
  readonly family: Uint8Array
  readonly qualifier: Uint8Array
  readonly timestamp: number
  readonly type: number
  readonly value: Uint8Array
}

export interface Result {
  readonly row: Uint8Array
  readonly cells: readonly StoredCell[]
  /** More cells of the row come with the next result; only in a scan with `batch`. */
  readonly partial?: true
}

/** How connections are encrypted (HBase 2.6 and later). Certificates and keys are PEM. */
export interface TlsOptions {
  /** The authorities that may have signed the servers' certificates; those Node knows by default. */
  readonly ca?: string | Uint8Array
  /** The certificate of this client, where servers want one (their default: client.auth.mode NEED). */
  readonly cert?: string | Uint8Array
  readonly key?: string | Uint8Array
  /** The name all servers' certificates carry, where it is not the host name the cluster publishes. */
  readonly serverName?: string
  /** False takes the certificate of any name, if a trusted authority has signed it. True by default. */
  readonly verifyHostname?: boolean
}

/** How servers and this client prove who they are; the ticket or keytab is the operating system's. */
export interface KerberosOptions {
  /**
   * The principal of the servers, as their hbase.regionserver.kerberos.principal has it:
   * hbase/_HOST@EXAMPLE.COM. _HOST is the host name the cluster publishes for each; without a realm
   * krb5.conf tells it.
   */
  readonly servicePrincipal: string
  /** The servers' hbase.rpc.protection; 'authentication' by default. */
  readonly protection?: 'authentication' | 'integrity' | 'privacy'
  /** True goes on without authentication at a server that asks for that. False by default. */
  readonly allowSimple?: boolean
}

/** How cells are packed on the way. */
export type Compression = 'gzip'

export interface ClientOptions {
  /** host:port of any masters or (HBase 2.5 and later) region servers; the rest is asked of them. */
  readonly endpoints?: readonly string[]
  /** In place of `endpoints`, for clusters that publish only their quorum. */
  readonly zookeeper?: ZooKeeperOptions
  /** The user HBase sees: the operating system's by default, with `kerberos` the ticket's. */
  readonly user?: string
  /**
   * Where to connect (`host` or `host:port`) instead of what the cluster publishes (the same), for
   * clusters behind NAT or in containers. An entry for host:port goes before one for the host.
   */
  readonly hosts?: Hosts
  /** Encrypts all connections; without it they are plain. */
  readonly tls?: TlsOptions
  /** Authenticates all connections; without it they are what HBase calls SIMPLE. */
  readonly kerberos?: KerberosOptions
  /** Compresses cells on the way, both ways: less network for more CPU here and on the servers. */
  readonly compression?: Compression
  /** How long one request may stay unanswered before it is tried again; 20 000 by default. */
  readonly callTimeoutMs?: number
  /** How long an operation may take with all its retries; 120 000 by default. */
  readonly operationTimeoutMs?: number
  /** Cells above this are refused before they are sent; 10 MB, HBase's own default. */
  readonly maxCellBytes?: number
}

/** What every operation may be told. */
export interface CallOptions {
  /** Ends the operation at once, with ABORTED. */
  readonly signal?: AbortSignal
  /** How long the operation may take with all its retries (a scan: each page), in place of the client's `operationTimeoutMs`. */
  readonly deadlineMs?: number
  /** How long one request may stay unanswered, in place of the client's `callTimeoutMs`. */
  readonly callTimeoutMs?: number
  /**
   * HBase gives calls above 10 to handlers of their own (HConstants.QOS_THRESHOLD, RequestHeader.priority);
   * 0 to 200, and 0 by default.
   */
  readonly priority?: number
}

export interface MutateOptions extends CallOptions {
  /** Values and markers of a row become visible together; needed for markers. */
  readonly atomic?: boolean
  /** Mutations of one row are written in the order given, each after the one before is acknowledged. */
  readonly inOrder?: boolean
}

export interface WriterOptions extends MutateOptions {
  /**
   * Told of every mutation that is refused; its index is its position among all that were given.
   * Without it the first refusal is thrown by the calls that follow.
   */
  readonly onFailure?: (failure: Failure) => void
  /** About how many bytes may be waiting or under way; 16 MB by default. */
  readonly bufferBytes?: number
}

export interface GetOptions extends CallOptions, Selection {}

export interface ScanOptions extends CallOptions, Selection {
  /** The first row; from the beginning of the table when missing or empty (from its end when reversed). */
  readonly start?: Uint8Array
  /** The row to stop before; to the end of the table when missing or empty (to its beginning when reversed). */
  readonly stop?: Uint8Array
  /** Begin after `start`, not with it. */
  readonly startExclusive?: boolean
  /** Stop after `stop`, not before it. */
  readonly stopInclusive?: boolean
  /** From the last row to the first: `start` is then the highest row, `stop` below it. */
  readonly reversed?: boolean
  /** Also return delete markers and what they hide. */
  readonly raw?: boolean
  /** One cell per row, without its value. */
  readonly keysOnly?: boolean
  /** So many rows at most; with it, an end does not mean that the range has no more. */
  readonly limit?: number
  /** How many results one answer may have (Scan.setCaching); by default only `pageBytes` counts. */
  readonly pageRows?: number
  /** About how many bytes one answer may have; 2 MB by default. */
  readonly pageBytes?: number
  /** So many cells per result at most: a row of more comes in parts, all but the last `partial`. */
  readonly batch?: number
}

/** Why one mutation was not written. */
export interface Failure {
  /** Its position in the given mutations. */
  readonly index: number
  readonly error: HBaseError
}
