import { META_PRIORITY, decodeReply, requestOf, understand } from '../call.ts'
import { META_TABLE, specifierOf } from '../region.ts'
import { ScanRequest, ScanResponse } from '../wire/messages.ts'
import type { ScanValue } from '../wire/messages.ts'
import type { Assembly } from './assembly.ts'
import type { Deadline } from '../deadline.ts'
import { HBaseError } from '../errors.ts'
import { Lease } from './lease.ts'
import type { Pool } from '../pool.ts'
import type { Region } from '../region.ts'
import type { Reply } from '../call.ts'

const SCAN = { name: 'Scan', request: ScanRequest, response: ScanResponse }

/** Pages are limited by bytes, unless rows are asked for. */
const NO_ROW_LIMIT = 0x7fffffff

export interface Found<P> {
  /** Whole rows in the order of the scan, or parts of them; may be none though more follow. */
  readonly pages: readonly P[]
  /** How many cells the answer had; with none but more to come, it is a heartbeat. */
  readonly cells: number
  /** True when the region has told that the range is exhausted inside it. */
  readonly end: boolean
  /** True when the server has ended the whole scan: a limit is reached, or a filter wants no more. */
  readonly cut: boolean
}

export interface RegionScanOptions<P> {
  /** Shared by the scanners of one scan. */
  readonly assembly: Assembly<P>
  readonly pageRows?: number | undefined
  /** May the server end the scan by itself? If not, that is SCAN_INCOMPLETE. */
  readonly mayBeCut?: boolean
  /** The deadline of a call that keeps the scanner while nobody asks for more; without it, none does. */
  readonly keep?: () => Deadline
}

/** One scanner on one region, without retries: any fault means to open a new one. */
export class RegionScan<P> {
  readonly #pool: Pool
  readonly #region: Region
  readonly #scan: ScanValue
  readonly #options: RegionScanOptions<P>
  readonly #lease = new Lease()
  #scannerId: bigint | undefined
  #ttlMs = 0
  #calls = 0
  #open = false

  constructor(pool: Pool, region: Region, scan: ScanValue, options: RegionScanOptions<P>) {
    this.#pool = pool
    this.#region = region
    this.#scan = scan
    this.#options = options
  }

  /** The next answer; `rows` is what is left of a limit. Not to be called again after one with `end` or `cut`. */
  async next(deadline: Deadline, rows?: number): Promise<Found<P>> {
    await this.#lease.take()
    const reply = await this.#call(deadline, this.#question(rows))
    const response = decodeReply(SCAN, reply)
    this.#scannerId ??= response.scannerId
    // Only the answer that opens a scanner tells it (RSRpcServices.scan).
    this.#ttlMs = response.ttl ?? this.#ttlMs
    const end = response.moreResultsInRegion === false
    const cut = response.moreResults === false
    // The server has closed the scanner itself when either flag is false (RSRpcServices.scan).
    this.#open = !end && !cut
    if (cut && !end && this.#options.mayBeCut !== true) {
      throw new HBaseError('SCAN_INCOMPLETE', {
        table: this.#region.table,
        detail: 'cut by the server',
      })
    }
    const answer = { ...response, cellblock: reply.cells, last: !this.#open }
    const pages = understand('Scan', () => this.#options.assembly.pages(answer))
    if (this.#open) this.#keep()
    const cells = response.cellsPerResult.reduce((sum, count) => sum + count, 0)
    return { pages, cells, end, cut }
  }

  /** Gives the scanner back to the server; never fails, as it would expire there anyway. */
  async close(deadline: Deadline): Promise<void> {
    await this.#lease.take()
    if (!this.#open || this.#scannerId === undefined) return
    this.#open = false
    try {
      const close = { scannerId: this.#scannerId, closeScanner: true, numberOfRows: 0 }
      await this.#call(deadline, close)
    } catch {
      // Aborted, closed or lost: nobody is left who needs to know.
    }
  }

  #question(rows: number | undefined) {
    const rest = { numberOfRows: this.#options.pageRows ?? NO_ROW_LIMIT, limitOfRows: rows }
    return this.#scannerId === undefined
      ? { region: specifierOf(this.#region.name), scan: this.#scan, ...rest }
      : { scannerId: this.#scannerId, nextCallSeq: this.#calls++, ...rest }
  }

  /** Without next_call_seq, which belongs to the answers alone (RSRpcServices.checkScanNextCallSeq). */
  #keep(): void {
    const { keep } = this.#options
    if (keep === undefined || this.#ttlMs === 0) return
    const renewal = { scannerId: this.#scannerId, numberOfRows: 0, renew: true }
    this.#lease.renew(this.#ttlMs, async () => {
      await this.#call(keep(), renewal)
    })
  }

  #call(deadline: Deadline, what: object): Promise<Reply> {
    const { server, table } = this.#region
    const request = requestOf(
      SCAN,
      { ...what, clientHandlesPartials: true, clientHandlesHeartbeats: true },
      table === META_TABLE ? META_PRIORITY : undefined,
    )
    return this.#pool.send(server, 'ClientService', request, deadline)
  }
}
