import { Coverage, formChain } from './coverage.ts'
import { Fault, RemoteFault, backoffMs, isElsewhere } from '../faults.ts'
import { canEnd } from '../filters.ts'
import { encodeScan, mayBeCut } from './request.ts'
import type { Assembly } from './assembly.ts'
import type { Deadline } from '../deadline.ts'
import { HBaseError } from '../errors.ts'
import { placeOf } from '../region.ts'
import { retries, toldOf } from '../channels.ts'
import type { Found } from './region-scan.ts'
import { Patience } from '../patience.ts'
import type { Region } from '../region.ts'
import { RegionScan } from './region-scan.ts'
import type { ScanOptions } from '../types.ts'
import type { Wires } from '../wires.ts'
import { locateBefore } from './locate.ts'

const PROOF_LOOKS = 3
const PROOF_PAUSE_MS = 200
const LEAVING_MS = 2000

type Pages<P> = AsyncGenerator<P, void, undefined>

export interface ScanTask<P> {
  readonly table: string
  /** As `checkScan` passes them. */
  readonly options: ScanOptions
  /** In what shape the rows are given out. */
  readonly assembly: Assembly<P>
  /** A fresh deadline for every page: a scan as a whole may take as long as it likes. */
  readonly deadline: () => Deadline
  /** The same for calls that must come to their end though the caller has aborted the scan. */
  readonly calm: () => Deadline
}

/**
 * One iteration over a scan of `HBaseClient`: region after region, a new scanner wherever one is lost
 * (AsyncScanSingleRegionRpcRetryingCaller, AsyncClientScanner).
 */
export class Scanner<P> {
  readonly #wires: Wires
  readonly #task: ScanTask<P>
  readonly #coverage: Coverage
  readonly #patience = new Patience()
  /** Rows still wanted; Infinity without a limit. */
  #left: number
  #cut = false
  #failures = 0
  #relocations = 0
  /** Since the scan got on last. */
  #deadline: Deadline

  constructor(wires: Wires, task: ScanTask<P>) {
    const { limit = Infinity } = task.options
    this.#wires = wires
    this.#task = task
    this.#left = limit
    this.#deadline = task.deadline()
    this.#coverage = new Coverage({ ...task.options, table: task.table })
  }

  async *pages(): Pages<P> {
    const isEmpty = this.#coverage.complete
    while (!this.#coverage.complete && !this.#cut) {
      let region: Region | undefined
      try {
        region = await this.#locate()
        yield* this.#region(region)
      } catch (error) {
        await this.#recover(error, region)
      }
    }
    if (!isEmpty && !this.#cut) await this.#prove()
  }

  #locate(): Promise<Region> {
    const { locator } = this.#wires
    const { table, options } = this.#task
    const { row, inclusive } = this.#coverage.next
    if (options.reversed !== true || (inclusive && row.length > 0))
      return locator.locate(table, row, this.#deadline)
    return locateBefore(locator, table, row, this.#deadline)
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
  async *#region(region: Region): Pages<P> {
    const { assembly, calm, deadline } = this.#task
    this.#coverage.enter(region)
    const scan = this.#open(region)
    let coming: Promise<Found<P>> | undefined = this.#ask(scan)
    let broken = false
    try {
      while (coming !== undefined) {
        const found: Found<P> = await deadline().wait(coming)
        const pages = this.#take(found)
        coming = found.end || this.#cut ? undefined : this.#ask(scan)
        for (const page of pages) {
          yield page
          assembly.done(page)
          // The consumer's time is its own.
          this.#deadline = deadline()
        }
      }
    } catch (error) {
      broken = true
      throw error
    } finally {
      // Only an answer under way tells whether there is still a scanner to close.
      const closing = (coming ?? Promise.resolve()).catch(() => {}).then(() => scan.close(calm()))
      if (!broken) await this.#leave(closing)
    }
  }

  /** Nobody waits long for a server that may be gone, nor at all for a scan that was aborted. */
  async #leave(closing: Promise<void>): Promise<void> {
    const leaving = this.#task.deadline().race<undefined>((resolve) => {
      const go = () => {
        resolve(undefined)
      }
      const timer = setTimeout(go, LEAVING_MS)
      void closing.then(go)
      return () => {
        clearTimeout(timer)
      }
    })
    await leaving.catch(() => {})
  }

  #open(region: Region): RegionScan<P> {
    const { assembly, options, deadline } = this.#task
    return new RegionScan(this.#wires.pool, region, encodeScan(options, this.#coverage.next), {
      assembly,
      pageRows: options.pageRows,
      mayBeCut: mayBeCut(options),
      keep: deadline,
    })
  }

  /** Its failure is looked at when it is awaited, not before. */
  #ask(scan: RegionScan<P>): Promise<Found<P>> {
    const page = scan.next(this.#task.calm(), this.#left === Infinity ? undefined : this.#left)
    page.catch(() => {})
    return page
  }

  #take(found: Found<P>): readonly P[] {
    const { end, cut } = found
    const { assembly, table, options } = this.#task
    this.#progress(found)
    const wanted = this.#limit(found.pages)
    for (const page of wanted) this.#coverage.rows(assembly.rows(page))
    if (cut && !end && this.#left > 0 && !canEnd(options.filter))
      throw new HBaseError('SCAN_INCOMPLETE', { table, detail: 'cut by the server' })
    this.#cut = cut || this.#left === 0
    if (end) this.#coverage.leave()
    return wanted
  }

  /** Pieces of a row that break off again and again are none; an answer without cells says that the server works. */
  #progress({ pages, end, cells }: Found<P>): void {
    const got = pages.length > 0 || end
    if (got || cells === 0) this.#deadline = this.#task.deadline()
    if (!got) return
    this.#failures = this.#relocations = 0
    this.#patience.reset()
  }

  /** Servers count too, but each only what it has sent itself. */
  #limit(pages: readonly P[]): readonly P[] {
    if (this.#left === Infinity) return pages
    const { assembly } = this.#task
    const wanted: P[] = []
    for (const page of pages) {
      if (this.#left === 0) break
      const rows = assembly.rows(page)
      let taken = 0
      while (taken < rows.length && this.#left > 0) if (!rows.isPartial(taken++)) this.#left--
      wanted.push(assembly.cut(page, taken))
    }
    return wanted
  }

  /** Throws unless a new scanner may get further. */
  async #recover(error: unknown, region: Region | undefined): Promise<void> {
    this.#task.assembly.lost()
    if (!(error instanceof Fault)) throw incomplete(error)
    this.#failures++
    this.#checkPasses(error, region)
    const { locator } = this.#wires
    if (region !== undefined) locator.learn(error, region)
    if (isElsewhere(error))
      await locator.checkNowAndThen(++this.#relocations, this.#task.table, this.#deadline)
    // A lost scanner says nothing about the region: the first time, go on at once.
    const atOnce = error.remedy === 'rescan' && this.#failures === 1
    const pauseMs = atOnce ? 0 : backoffMs(this.#failures, error)
    const attempts = this.#failures
    const where = region && placeOf(region)
    const { table } = this.#task
    retries.publish(() => ({ table, ...where, ...toldOf(error), attempt: attempts, pauseMs }))
    await this.#deadline.pause(pauseMs, error, { attempts, ...where })
  }

  #checkPasses(fault: Fault, region: Region | undefined): void {
    if (!(fault instanceof RemoteFault)) return
    this.#patience.nextRound()
    if (!this.#patience.isFinal(fault) && fault.remedy !== 'split') return
    const where = region && placeOf(region)
    throw fault.toError({ table: this.#task.table, ...where, attempts: this.#failures })
  }
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
