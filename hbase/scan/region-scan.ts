import { CellReader, NameCache } from '../wire/cellblock.ts'
import { META_TABLE, specifierOf } from '../region.ts'
import { META_PRIORITY, decodeReply, requestOf, understand } from '../call.ts'
import type { Result, StoredCell } from '../types.ts'
import { ScanRequest, ScanResponse } from '../wire/messages.ts'
import type { ScanResponseValue, ScanValue } from '../wire/messages.ts'
import type { Deadline } from '../deadline.ts'
import { HBaseError } from '../errors.ts'
import type { Pool } from '../pool.ts'
import type { Region } from '../region.ts'
import type { Reply } from '../call.ts'

const SCAN = { name: 'Scan', request: ScanRequest, response: ScanResponse }

/** Pages are limited by bytes, not by rows. */
const NO_ROW_LIMIT = 0x7fffffff

export interface Page {
  /** Whole rows in key order; may be none though more follow. */
  readonly results: readonly Result[]
  /** True when the region has told that the range is exhausted inside it. */
  readonly end: boolean
}

/** A row whose rest comes with the next answer. */
interface OpenRow {
  readonly row: Uint8Array
  readonly cells: StoredCell[]
}

/** One scanner on one region, without retries: any fault means to open a new one. */
export class RegionScan {
  readonly #pool: Pool
  readonly #region: Region
  readonly #scan: ScanValue
  readonly #names: NameCache
  #scannerId: bigint | undefined
  #calls = 0
  #open = false
  #part: OpenRow | undefined

  constructor(pool: Pool, region: Region, scan: ScanValue, names = new NameCache()) {
    this.#pool = pool
    this.#region = region
    this.#scan = scan
    this.#names = names
  }

  /** The next page. Not to be called again after one with `end`. */
  async next(deadline: Deadline): Promise<Page> {
    const reply = await this.#call(
      deadline,
      this.#scannerId === undefined
        ? this.#opening()
        : {
            scannerId: this.#scannerId,
            nextCallSeq: this.#calls++,
          },
    )
    const response = decodeReply(SCAN, reply)
    this.#scannerId ??= response.scannerId
    const end = response.moreResultsInRegion === false
    // The server has closed the scanner itself when either flag is false (RSRpcServices.scan).
    this.#open = !end && response.moreResults !== false
    if (!end && !this.#open) {
      throw new HBaseError('SCAN_INCOMPLETE', {
        table: this.#region.table,
        detail: 'cut by the server',
      })
    }
    const results = understand('Scan', () => this.#collect(response, reply.cells))
    if (end && this.#part !== undefined) {
      results.push(this.#part)
      this.#part = undefined
    }
    return { results, end }
  }

  /** Gives the scanner back to the server; never fails, as it would expire there anyway. */
  async close(deadline: Deadline): Promise<void> {
    if (!this.#open || this.#scannerId === undefined) return
    this.#open = false
    try {
      await this.#call(deadline, { scannerId: this.#scannerId, closeScanner: true }, 0)
    } catch {
      // Aborted, closed or lost: nobody is left who needs to know.
    }
  }

  #opening() {
    return { region: specifierOf(this.#region.name), scan: this.#scan }
  }

  #call(deadline: Deadline, what: object, numberOfRows = NO_ROW_LIMIT): Promise<Reply> {
    const { server, table } = this.#region
    const request = requestOf(
      SCAN,
      { ...what, numberOfRows, clientHandlesPartials: true, clientHandlesHeartbeats: true },
      table === META_TABLE ? META_PRIORITY : undefined,
    )
    return this.#pool.send(server, 'ClientService', request, deadline)
  }

  /** The complete rows of a response; a row that is still going on is kept for the next one. */
  #collect(response: ScanResponseValue, cellblock: Buffer): Result[] {
    const results: Result[] = []
    const reader = new CellReader(cellblock, this.#names)
    response.cellsPerResult.forEach((count, i) => {
      if (count > 0) this.#row(reader, count, response.partialFlags[i] === true, results)
    })
    if (reader.more) throw new RangeError('more cells than announced')
    return results
  }

  #row(reader: CellReader, count: number, partial: boolean, results: Result[]): void {
    const row = reader.row()
    if (this.#part !== undefined && Buffer.compare(this.#part.row, row) !== 0) {
      results.push(this.#part)
      this.#part = undefined
    }
    const part: OpenRow = this.#part ?? { row, cells: [] }
    for (let i = 0; i < count; i++) part.cells.push(reader.next(part.cells.length))
    this.#part = part
    if (partial) return
    results.push(part)
    this.#part = undefined
  }
}
