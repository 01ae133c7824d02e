import type { Control } from './controls.ts'

const RULES = 'test/hbase/rules.test.ts'
const PACKED_ROWS = 'test/hbase/packed-rows.test.ts'

/** What a server would not survive, or could not be rid of, never leaves. */
export const REFUSALS: readonly Control[] = [
  {
    name: 'the refusal of negative timestamps',
    file: 'hbase/check.ts',
    find: 'Number.isSafeInteger(timestamp) && timestamp >= 0',
    replace: 'Number.isSafeInteger(timestamp)',
    tests: [RULES, PACKED_ROWS],
    only: 'negative timestamp|told by their position',
  },
  {
    name: 'the refusal of negative timestamps in packed rows',
    file: 'hbase/packed-rows.ts',
    find: 'isTimestamp(timestamp)',
    replace: 'isTimestamp(Math.abs(timestamp))',
    tests: [PACKED_ROWS],
    only: 'told by their position',
  },
  {
    name: 'the refusal of duplicate split keys',
    file: 'hbase/check.ts',
    find: 'before === undefined || Buffer.compare(before, key) < 0',
    replace: 'before === undefined || Buffer.compare(before, key) <= 0',
    tests: [RULES],
    only: 'twice the same',
  },
  {
    name: 'the refusal of unsorted split keys',
    file: 'hbase/check.ts',
    find: 'before === undefined || Buffer.compare(before, key) < 0',
    replace: 'before === undefined || Buffer.compare(before, key) !== 0',
    tests: [RULES],
    only: 'descending',
  },
  {
    name: 'the refusal of oversized cells',
    file: 'hbase/check.ts',
    find: "if (size > limits.maxCellBytes) return 'CELL_TOO_LARGE'",
    replace: '',
    tests: [RULES],
    only: 'a cell above the limit',
  },
  {
    name: 'the refusal of oversized cells in packed rows',
    file: 'hbase/packed-rows.ts',
    find: "if (largest > limits.maxCellBytes) return 'CELL_TOO_LARGE'",
    replace: '',
    tests: [PACKED_ROWS],
    only: 'the same ones are refused',
  },
  {
    name: 'the refusal of oversized cells to append',
    file: 'hbase/row-encoding.ts',
    find: 'if (cellSize(row, cell) > maxCellBytes) throw',
    replace: "if (table === '') throw",
    tests: ['test/hbase/row.test.ts'],
    only: 'more bytes than a cell',
  },
  {
    name: 'the refusal of cell limits that are no number',
    file: 'hbase/check.ts',
    find: 'if (maxCellBytes === undefined || maxCellBytes > 0) return',
    replace: 'if (maxCellBytes !== 0) return',
    tests: ['test/hbase/lifecycle.test.ts'],
    only: 'maxCellBytes',
  },
  {
    name: 'the refusal of rows above what a frame may have',
    file: 'hbase/check.ts',
    find: "bytes > MAX_MUTATION_BYTES ? 'ROW_TOO_LARGE' : bytes",
    replace: 'bytes',
    tests: [RULES],
    only: 'than a request may have',
  },
  {
    name: 'the refusal of oversized frames',
    file: 'hbase/call.ts',
    find: 'if (bytes.length > MAX_REQUEST)',
    replace: 'if (bytes.length < 0)',
    tests: ['test/hbase/admin.test.ts'],
    only: 'no server would take',
  },
  {
    name: 'the refusal of parts outside of their value',
    file: 'hbase/packed-row.ts',
    find: "return start >= 0 && start <= end && end <= value.length ? undefined : 'CELL_INVALID'",
    replace: 'return start < -9 && end > value.length + 9 ? "CELL_INVALID" : undefined',
    tests: [PACKED_ROWS],
    only: 'ends before it begins|ends behind',
  },
  {
    name: 'the refusal of packed markers behind values',
    file: 'hbase/packed-row.ts',
    find: "return isMarker && values === 0 ? undefined : 'CELL_INVALID'",
    replace: "return isMarker || values > 0 ? undefined : 'CELL_INVALID'",
    tests: [PACKED_ROWS],
    only: 'a marker behind a value',
  },
]
