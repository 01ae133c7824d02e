import { Fault, RemoteFault, backoffMs, isElsewhere } from '../faults.ts'
import { FilterList, KeyOnlyFilter } from '../wire/messages.ts'
import type { Page } from './region-scan.ts'
import type { Result, ScanOptions } from '../types.ts'
import { Coverage, formChain } from './coverage.ts'
import type { Deadline } from '../deadline.ts'
import { HBaseError } from '../errors.ts'
import { NameCache } from '../wire/cellblock.ts'
import type { Region } from '../region.ts'
import { encodedNameOf } from '../region.ts'
import { retries } from '../channels.ts'
import { Patience } from '../patience.ts'
import { RegionScan } from './region-scan.ts'
import type { ScanValue } from '../wire/messages.ts'
import type { Wires } from '../wires.ts'

const PAGE_BYTES = 2 << 20
const PROOF_LOOKS = 3
const PROOF_PAUSE_MS = 200
const NOTHING = Buffer.alloc(0)

export interface ScanTask {
  readonly table: string
  readonly options: ScanOptions
  /** A fresh deadline for every page: a scan as a whole may take as long as it likes. */
  readonly deadline: () => Deadline
}

/** One iteration over `HBaseClient.scan`. */
export class Scanner {
  readonly #wires: Wires
  readonly #task: ScanTask
  readonly #coverage: Coverage
  readonly #names = new NameCache()
  #inclusive: boolean
  #failures = 0
  readonly #patience = new Patience()
  #relocations = 0

  constructor(wires: Wires, task: ScanTask) {
    const { start = NOTHING, stop = NOTHING, startExclusive = false } = task.options
    this.#wires = wires
    this.#task = task
    this.#inclusive = !startExclusive
    this.#coverage = new Coverage({ table: task.table, start, stop })
  }

  async *pages(): AsyncGenerator<readonly Result[], void, undefined> {
    const isEmpty = this.#coverage.complete
    let deadline = this.#task.deadline()
    while (!this.#coverage.complete) {
      let region: Region | undefined
      try {
        region = await this.#wires.locator.locate(
          this.#task.table,
          this.#coverage.covered,
          deadline,
        )
        for await (const page of this.#region(region, deadline)) {
          yield page
          deadline = this.#task.deadline()
        }
      } catch (error) {
        await this.#recover(error, region, deadline)
      }
    }
    if (!isEmpty) await this.#prove()
  }

  /** Looks more than once, so that only what lasts is taken for damage. */
  async #prove(): Promise<void> {
    const { table, deadline } = this.#task
    const list = () => this.#wires.locator.list(table, deadline())
    let regions = await list()
    for (let look = 1; look < PROOF_LOOKS && !formChain(regions); look++) {
      await deadline().pause(PROOF_PAUSE_MS, undefined)
      regions = await list()
    }
    this.#coverage.finish(regions)
  }

  /** The rest of the range inside one region; the next page is on its way while one is looked at. */
  async *#region(
    region: Region,
    first: Deadline,
  ): AsyncGenerator<readonly Result[], void, undefined> {
    this.#coverage.enter(region)
    const scan = new RegionScan(this.#wires.pool, region, this.#parameters(), this.#names)
    let coming: Promise<Page> | undefined = scan.next(first)
    try {
      while (coming !== undefined) {
        const { results, end } = await coming
        this.#failures = this.#relocations = 0
        this.#patience.reset()
        this.#coverage.rows(results)
        if (results.length > 0) this.#inclusive = false
        coming = undefined
        if (end) this.#left()
        else coming = expected(scan.next(this.#task.deadline()))
        if (results.length > 0) yield results
      }
    } finally {
      // Only an answer under way tells whether there is still a scanner to close.
      await coming?.catch(() => {})
      await scan.close(this.#task.deadline())
    }
  }

  #left(): void {
    this.#coverage.leave()
    this.#inclusive = true
  }

  #parameters(): ScanValue {
    const {
      stop = NOTHING,
      families = [],
      raw = false,
      versions,
      keysOnly,
      pageBytes,
    } = this.#task.options
    return {
      startRow: this.#coverage.covered,
      includeStartRow: this.#inclusive,
      stopRow: stop,
      columns: families.map((family) => ({ family: Buffer.from(family), qualifiers: [] })),
      attributes: raw ? [RAW] : [],
      filter: keysOnly === true ? KEYS_ONLY : undefined,
      maxVersions: versions,
      maxResultSize: pageBytes ?? PAGE_BYTES,
      cacheBlocks: false,
    }
  }

  /** Throws unless a new scanner may get further. */
  async #recover(error: unknown, region: Region | undefined, deadline: Deadline): Promise<void> {
    if (!(error instanceof Fault)) throw incomplete(error)
    this.#failures++
    this.#checkPasses(error, region)
    const { locator } = this.#wires
    if (region !== undefined) locator.learn(error, region)
    if (isElsewhere(error) && ++this.#relocations % 3 === 0) {
      await locator.checkEnabled(this.#task.table, deadline)
    }
    // A lost scanner says nothing about the region: the first time, go on at once.
    const atOnce = error.remedy === 'rescan' && this.#failures === 1
    const pauseMs = atOnce ? 0 : backoffMs(this.#failures, error)
    const attempts = this.#failures
    const where = region && { server: region.server, region: encodedNameOf(region.name) }
    const { table } = this.#task
    retries.publish(() => ({ table, ...where, why: error.why, attempt: attempts, pauseMs }))
    await deadline.pause(pauseMs, error, { attempts, ...where })
  }

  #checkPasses(fault: Fault, region: Region | undefined): void {
    if (!(fault instanceof RemoteFault)) return
    this.#patience.nextRound()
    if (!this.#patience.isFinal(fault) && fault.remedy !== 'split') return
    const where = region && { server: region.server, region: encodedNameOf(region.name) }
    throw fault.toError({ table: this.#task.table, ...where, attempts: this.#failures })
  }
}

/** Its failure is looked at when it is awaited, not before. */
function expected<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}

/** A hole in hbase:meta is, for a scan, a range it cannot prove to have seen. */
function incomplete(error: unknown): unknown {
  if (!(error instanceof HBaseError) || error.code !== 'META_INCONSISTENT') return error
  return new HBaseError('SCAN_INCOMPLETE', {
    table: error.table,
    detail: error.message,
    cause: error,
  })
}

/** Scan.setRaw */
const RAW = { name: '_raw_', value: Buffer.from([0xff]) }

const FILTERS = 'org.apache.hadoop.hbase.filter'
const MUST_PASS_ALL = 1
const KEYS_ONLY = {
  name: `${FILTERS}.FilterList`,
  serializedFilter: FilterList.encode({
    operator: MUST_PASS_ALL,
    filters: [
      { name: `${FILTERS}.FirstKeyOnlyFilter`, serializedFilter: NOTHING },
      {
        name: `${FILTERS}.KeyOnlyFilter`,
        serializedFilter: KeyOnlyFilter.encode({ lenAsVal: false }),
      },
    ],
  }),
}
