import { canEnd, encodeFilter, needsWholeRow } from '../filters.ts'
import { checkSelection, demand, encodeSelection, isCount } from '../selection.ts'
import type { Filter } from '../filters.ts'
import { HBaseError } from '../errors.ts'
import type { Position } from './coverage.ts'
import type { ScanOptions } from '../types.ts'
import type { ScanValue } from '../wire/messages.ts'

const PAGE_BYTES = 2 << 20
const MAX_ROW_BYTES = 32_767
const NOTHING = Buffer.alloc(0)

/** The first cell of each row without its value. */
export const KEYS: Filter = {
  kind: 'and',
  filters: [{ kind: 'firstKeyOnly' }, { kind: 'keyOnly' }],
}

/** Scan.setRaw */
const RAW = { name: '_raw_', value: Buffer.from([0xff]) }

/** Throws READ_INVALID or ROW_KEY_INVALID. */
export function checkScan(options: ScanOptions, table: string): void {
  checkSelection(options, table)
  const { start = NOTHING, stop = NOTHING, filter, batch, keysOnly } = options
  if (start.length > MAX_ROW_BYTES || stop.length > MAX_ROW_BYTES) {
    throw new HBaseError('ROW_KEY_INVALID', { table, detail: 'a bound of the scan' })
  }
  for (const name of ['limit', 'pageRows', 'pageBytes', 'batch'] as const) {
    const value = options[name]
    demand(value === undefined || isCount(value), table, name)
  }
  // A filter that looks at one cell of a row hides the others from those beside it.
  demand(keysOnly !== true || filter === undefined, table, 'keysOnly together with a filter')
  // Scan.setBatch refuses this too: such filters decide only when they have the whole row.
  const whole = filter !== undefined && needsWholeRow(filter)
  demand(batch === undefined || !whole, table, 'batch with a filter that needs whole rows')
}

/** May the server end the whole scan before its range ends? */
export const mayBeCut = ({ filter, limit }: ScanOptions): boolean =>
  limit !== undefined || canEnd(filter)

/** The rest of the scan from this position on. */
export function encodeScan(options: ScanOptions, { row, inclusive }: Position): ScanValue {
  const { stop, stopInclusive, raw, keysOnly, pageBytes, batch, reversed } = options
  return {
    ...encodeSelection(options),
    ...(keysOnly === true ? { filter: encodeFilter(KEYS) } : {}),
    startRow: row,
    includeStartRow: inclusive,
    stopRow: stop ?? NOTHING,
    includeStopRow: stopInclusive === true,
    attributes: raw === true ? [RAW] : [],
    maxResultSize: pageBytes ?? PAGE_BYTES,
    batchSize: batch,
    reversed,
    cacheBlocks: false,
  }
}
