import type { HBaseErrorCode } from './errors.ts'
import { Lane } from './packed-lane.ts'
import type { PackedColumn } from './packed-column.ts'
import { isTimestamp } from './check.ts'

const NO_LANE = new Lane()

/** Where the key and the cells of one row lie; made once and used for many rows. */
export class PackedRow {
  lane = NO_LANE
  keyStart = 0
  keyLength = 0
  start = 0
  end = 0
  markers = 0
  values = 0
  /** Bytes of its largest cell. */
  largest = 0
  wrong: HBaseErrorCode | undefined
}

/** A part that is none would go out with the length it says, below zero or longer than what is there. */
export function wrongValue(
  column: PackedColumn,
  value: Uint8Array,
  start: number,
  end: number,
): HBaseErrorCode | undefined {
  if (column.wrong !== undefined) return column.wrong
  if (column.isMarker) return 'CELL_INVALID'
  return start >= 0 && start <= end && end <= value.length ? undefined : 'CELL_INVALID'
}

/** A marker behind a value of its row would be sent as one. */
export function wrongMarker(
  { values }: PackedRow,
  { wrong, isMarker }: PackedColumn,
  timestamp: number,
): HBaseErrorCode | undefined {
  if (wrong !== undefined) return wrong
  if (!isTimestamp(timestamp)) return 'NEGATIVE_TIMESTAMP'
  return isMarker && values === 0 ? undefined : 'CELL_INVALID'
}
