import { HBaseError } from './errors.ts'
import type { HBaseErrorCode, Where } from './errors.ts'
import { at } from './at.ts'
import { formatAddress } from './address.ts'

/** What to do about a failed call. */
export type Remedy =
  /** The region is elsewhere or nowhere: forget where it was, look again. */
  | 'relocate'
  /** The region is elsewhere, and the answer says where. */
  | 'moved'
  /** Same place, a little later. */
  | 'wait'
  /** The server has too much to do: same place, much later. */
  | 'overloaded'
  /** The server is gone: forget everything it served. */
  | 'reconnect'
  /** The server did a part and wants the rest in a new call. */
  | 'now'
  /** The scanner is lost, the region is not. */
  | 'rescan'
  /** The request was too large: send less at once. */
  | 'split'
  /** The row is not in the region that was asked: look again, but only once. */
  | 'misplaced'
  /** Not known to be final, so worth a few tries. */
  | 'probe'
  /** Final. */
  | 'refused'

/** A failed call, before it is known whether the operation fails. */
export abstract class Fault extends Error {
  abstract readonly remedy: Remedy

  /** What it is called where retries are observed: never more than a class. */
  get why(): string {
    return this.name
  }
}

/** The connection could not be made, broke, or stayed silent too long: the outcome is unknown. */
export class ConnectionFault extends Fault {
  readonly remedy = 'reconnect'
  override readonly name = 'ConnectionFault'
}

/** HBase is at work; it is asked again whether it is done. */
export class StillRunning extends Fault {
  readonly remedy = 'wait'
  override readonly name = 'StillRunning'
}

/** One call was not answered in time, though its connection is alive: the outcome is unknown. */
export class SlowCall extends Fault {
  readonly remedy = 'wait'
  override readonly name = 'SlowCall'
}

/** HBase answered with an exception. Its text may quote row keys and stays in here. */
export class RemoteFault extends Fault {
  override readonly name = 'RemoteFault'
  readonly remedy: Remedy
  readonly className: string
  readonly #text: string

  constructor(
    className: string,
    text: string,
    flags: {
      readonly doNotRetry?: boolean | undefined
      readonly overloaded?: boolean | undefined
    } = {},
  ) {
    super(className)
    this.className = className
    this.#text = text
    const known = REMEDIES[simpleName(className)]
    if (known !== undefined) this.remedy = known
    else if (OUT_OF_RANGE.test(text)) this.remedy = 'misplaced'
    else if (flags.overloaded === true) this.remedy = 'overloaded'
    else this.remedy = flags.doNotRetry === true || final(className, text) ? 'refused' : 'probe'
  }

  override get why(): string {
    return this.className
  }

  /** The first line of what HBase said. Only for operations that carry no row content. */
  get text(): string {
    return /^.{0,500}/.exec(this.#text)?.[0] ?? ''
  }

  /** How long a quota tells us to stay away ("... exceeded - wait 200ms"); 0 when it does not say. */
  get waitMs(): number {
    const told = /wait (?:(\d+)mins, )?(?:(\d+)sec, )?(\d+)ms/.exec(this.#text)
    if (told === null) return 0
    return Number(told[1] ?? 0) * 60_000 + Number(told[2] ?? 0) * 1000 + Number(told[3])
  }

  /**
   * Where the region went, as of which opening. Only the text tells the sequence number
   * (RegionMovedException.getMessage); undefined when it does not say.
   */
  get movedTo(): Move | undefined {
    const told = MOVED.exec(this.#text)
    if (told === null) return undefined
    const [, host = '', port, seqNum = ''] = told
    return { server: formatAddress(host, Number(port)), seqNum: BigInt(seqNum) }
  }

  get code(): HBaseErrorCode {
    const known = CODES[simpleName(this.className)]
    return known ?? (CELL_LIMIT.test(this.#text) ? 'CELL_TOO_LARGE' : 'REMOTE')
  }

  /** The error for the caller. `tell` adds HBase's own words, for operations without row content. */
  toError({ tell = false, ...where }: Where & { readonly tell?: boolean } = {}): HBaseError {
    const detail = tell ? this.text : undefined
    return new HBaseError(this.code, { ...where, remoteClass: this.className, detail })
  }
}

/** A region's new server. */
export interface Move {
  readonly server: string
  readonly seqNum: bigint
}

const MOVED = /hostname=(\S+) port=(\d{1,5}) startCode=\d+\. As of locationSeqNum=(\d{1,19})\./

/** Does the answer say that the region is not there? A table that is disabled answers so for ever. */
export const isElsewhere = ({ remedy }: Fault): boolean =>
  remedy === 'relocate' || remedy === 'moved'

/** How long to wait before try number `attempt` (from 1), in ms; spread so that clients do not march in step. */
export function backoffMs(attempt: number, fault?: unknown): number {
  if (attempt === 1 && fault instanceof Fault && AT_ONCE.includes(fault.remedy)) return 0
  const told = fault instanceof RemoteFault ? fault.waitMs : 0
  const steps = fault instanceof Fault && fault.remedy === 'overloaded' ? [5, 10, 20, 40] : STEPS
  const step = at(steps, Math.min(attempt, steps.length) - 1)
  return Math.max(told, step * 100) * (0.8 + Math.random() * 0.4)
}

/** Worth one try without a pause; only one, since servers may point at each other during a move. */
const AT_ONCE: readonly Remedy[] = ['now', 'moved']

const STEPS = [1, 2, 3, 5, 10, 20]

const simpleName = (className: string): string => /[^.$]*$/.exec(className)?.[0] ?? className

// Found by class first: scanner resets and the like carry do_not_retry, and inside a Multi there is
// no such flag at all (ResultOrException.exception is a NameBytesPair).
const REMEDIES: Readonly<Record<string, Remedy>> = {
  NotServingRegionException: 'relocate',
  UnknownRegionException: 'relocate',
  RegionOfflineException: 'relocate',
  WrongRegionException: 'misplaced',
  RegionMovedException: 'moved',
  RegionOpeningException: 'wait',
  RegionServerStoppedException: 'reconnect',
  RegionServerAbortedException: 'reconnect',
  ServerNotRunningYetException: 'reconnect',
  MasterStoppedException: 'reconnect',
  NotPrimaryMasterException: 'reconnect',
  RegionTooBusyException: 'overloaded',
  CallQueueTooBigException: 'overloaded',
  CallDroppedException: 'overloaded',
  PleaseHoldException: 'wait',
  MasterNotRunningException: 'reconnect',
  TimeoutIOException: 'overloaded',
  RpcThrottlingException: 'overloaded',
  RetryImmediatelyException: 'now',
  MultiActionResultTooLarge: 'now',
  UnknownScannerException: 'rescan',
  ScannerResetException: 'rescan',
  OutOfOrderScannerNextException: 'rescan',
  LeaseException: 'rescan',
  RequestTooBigException: 'split',
}

const CODES: Readonly<Record<string, HBaseErrorCode>> = {
  TableNotFoundException: 'TABLE_NOT_FOUND',
  TableNotEnabledException: 'TABLE_DISABLED',
  TableNotDisabledException: 'TABLE_ENABLED',
  TableExistsException: 'TABLE_EXISTS',
  NamespaceNotFoundException: 'NAMESPACE_NOT_FOUND',
  NoSuchColumnFamilyException: 'NO_SUCH_FAMILY',
  InvalidFamilyOperationException: 'NO_SUCH_FAMILY',
  AccessDeniedException: 'ACCESS_DENIED',
  QuotaExceededException: 'QUOTA_EXCEEDED',
  SpaceLimitingException: 'QUOTA_EXCEEDED',
  SnapshotDoesNotExistException: 'SNAPSHOT_NOT_FOUND',
  SnapshotExistsException: 'SNAPSHOT_EXISTS',
  HBaseSnapshotException: 'SNAPSHOT_FAILED',
  SnapshotCreationException: 'SNAPSHOT_FAILED',
  RestoreSnapshotException: 'SNAPSHOT_FAILED',
  CorruptedSnapshotException: 'SNAPSHOT_FAILED',
  SnapshotTTLExpiredException: 'SNAPSHOT_FAILED',
  UnknownSnapshotException: 'SNAPSHOT_FAILED',
  RowTooBigException: 'ROW_TOO_LARGE',
  RequestTooBigException: 'ROW_TOO_LARGE',
}

/** What WrongRegionException becomes for a row of a plain Multi (HRegion.checkRow, RSRpcServices.doBatchOp). */
const OUT_OF_RANGE = /FailedSanityCheckException: Requested row out of range for /

/** Told in words only (HRegion.checkCellSizeLimit). */
const CELL_LIMIT = /DoNotRetryIOException: Cell.* exceeds limit of \d+ bytes/

const FINAL =
  /DoNotRetry|FailedSanityCheck|RowTooBig|WrongRowIO|UnknownProtocol|CorruptHFile|UninitializedMessage|IllegalArgument|NamespaceExist|FatalConnection|BadAuth|WrongVersion|UnsupportedCellCodec|UnsupportedCompressionCodec|UnknownService|SpaceLimiting/

const final = (className: string, text: string): boolean =>
  simpleName(className) in CODES ||
  FINAL.test(className) ||
  /^java\.io\.IOException: Row length/.test(text)
