import { setTimeout as sleep } from 'node:timers/promises'
import { HBaseError } from '../../hbase/index.ts'
import type { HBaseClient, Result, ScanOptions } from '../../hbase/index.ts'
import { tick } from './ledger.ts'
import type { Finding, Ledger } from './ledger.ts'
import { asBytes, between, oneOf, streamOf } from './random.ts'
import { unpacked } from '../hbase/unpack.ts'
import { rowKey, rowOf } from './rows.ts'
import type { Value } from './rows.ts'

const READERS = 2
/** Readers without a rest would take the machine from the writers, and most of a run's time. */
const MOST_REST_MS = 1500

export interface Reading {
  readonly seed: number
  readonly client: HBaseClient
  readonly ledgers: readonly Ledger[]
  readonly tally: ReadTally
  readonly going: () => boolean
}

export interface ReadTally {
  complete: number
  /** Ended with an error of the client's: loud, so allowed. */
  failed: number
  rows: number
  /** Scans that ended without an error and were not right. */
  readonly wrong: string[]
}

/** Scans of whole tables and of ranges, one after the other, while everything changes. */
export async function read(reading: Reading): Promise<void> {
  const readers = Array.from({ length: READERS }, (_, i) => runReader(reading, `reader ${i}`))
  await Promise.all(readers)
}

async function runReader(reading: Reading, actor: string): Promise<void> {
  const random = streamOf(reading.seed, actor)
  while (reading.going()) {
    const ledger = oneOf(random, reading.ledgers)
    const pageBytes = between(random, 20_000, 2_000_000)
    const bound = (): string => between(random, 0, 255).toString(16).padStart(2, '0')
    const isWhole = random() < 0.7
    const [start, stop] = [bound(), bound()].sort()
    const range = isWhole ? { start: '', stop: '' } : { start: start ?? '', stop: stop ?? '' }
    await scanOnce(reading, ledger, { range, pageBytes, packed: random() < 0.5 })
    await sleep(between(random, 0, MOST_REST_MS))
  }
}

interface Attempt {
  readonly range: { readonly start: string; readonly stop: string }
  readonly pageBytes: number
  /** By `scanPacked`. */
  readonly packed: boolean
}

async function scanOnce(reading: Reading, ledger: Ledger, attempt: Attempt): Promise<void> {
  const { client, tally } = reading
  const { range, pageBytes, packed } = attempt
  const options: ScanOptions = {
    pageBytes,
    ...(range.start === '' ? {} : { start: asBytes(range.start) }),
    ...(range.stop === '' ? {} : { stop: asBytes(range.stop) }),
  }
  const check = new ScanCheck(ledger)
  try {
    const { table } = ledger.place
    for await (const page of packed
      ? packedScan(client, table, options)
      : client.scan(table, options))
      for (const result of page) check.row(result)
  } catch (error) {
    if (error instanceof HBaseError) tally.failed++
    else tally.wrong.push(`a scan threw ${String(error)}`)
    return
  }
  tally.complete++
  tally.rows += check.rows
  const findings = check.end(range)
  const where = `scan of ${ledger.place.table} from "${range.start}" to "${range.stop}"`
  for (const { kind, text } of findings.slice(0, 3)) tally.wrong.push(`${where}: ${kind} ${text}`)
  if (findings.length > 3) tally.wrong.push(`${where}: ${findings.length} findings in all`)
}

async function* packedScan(
  client: HBaseClient,
  table: string,
  options: ScanOptions,
): AsyncIterable<readonly Result[]> {
  for await (const page of client.scanPacked(table, options)) yield unpacked(page)
}

/** What one scan has to show, given what was known when it began. */
class ScanCheck {
  readonly #ledger: Ledger
  readonly #beganAt = tick()
  readonly #wholeThen: Int32Array
  readonly #found = new Map<number, readonly Value[]>()
  readonly #findings: Finding[] = []
  #last = ''

  constructor(ledger: Ledger) {
    this.#ledger = ledger
    this.#wholeThen = ledger.whole.slice()
  }

  get rows(): number {
    return this.#found.size
  }

  row(result: Result): void {
    const key = Buffer.from(result.row).toString('latin1')
    const row = rowOf(key)
    if (key <= this.#last) {
      this.#findings.push({ kind: 'extra', text: `${key} comes after ${this.#last}` })
    }
    this.#last = key
    if (row === undefined) this.#findings.push({ kind: 'misplaced', text: `${key} is no row` })
    else this.#found.set(row, valuesIn(result))
  }

  /** To be called when the scan has ended as if it were complete. */
  end({ start, stop }: Attempt['range']): readonly Finding[] {
    for (let row = 0; row < this.#ledger.place.rows; row++) {
      const key = rowKey(row)
      const isInside = key >= start && (stop === '' || key < stop)
      const finding = isInside ? this.#judge(row) : this.#outside(row)
      if (finding !== undefined) this.#findings.push(finding)
    }
    return this.#findings
  }

  #judge(row: number): Finding | undefined {
    const found = this.#found.get(row) ?? []
    return this.#ledger.isStableSince(row, this.#beganAt)
      ? this.#ledger.judge(row, found)
      : this.#ledger.judgeMoving(row, found, this.#wholeThen[row] ?? 0)
  }

  #outside(row: number): Finding | undefined {
    if (!this.#found.has(row)) return undefined
    return { kind: 'extra', text: `${rowKey(row)} is outside of the range` }
  }
}

const valuesIn = ({ cells }: Result): Value[] =>
  cells.map(({ qualifier, timestamp, value }) => ({
    column: Buffer.from(qualifier).toString('latin1'),
    timestamp,
    text: Buffer.from(value).toString('latin1'),
  }))
