import { REFUSALS } from './refusals.ts'

/** A mechanism, and how it is taken out. */
export interface Mechanism {
  readonly name: string
  readonly file: string
  /** Text that stands in the file exactly once. */
  readonly find: string
  readonly replace: string
}

/** One mechanism taken out, and the tests that must notice. */
export interface Control extends Mechanism {
  readonly tests: readonly string[]
  /** Only tests with this in their name. */
  readonly only?: string
}

/** The text of the file without the mechanism. */
export function without(text: string, { file, find, replace }: Mechanism): string {
  const [before, after, ...more] = text.split(find)
  if (before !== undefined && after !== undefined && more.length === 0)
    return `${before}${replace}${after}`
  throw new Error(`"${find}" must stand in ${file} exactly once. Mend test/controls/controls.ts.`)
}

const WIRE = 'test/hbase/wire/storms.test.ts'
const GETS = 'test/hbase/get-answers.test.ts'
const LIMITS = 'test/hbase/limits.test.ts'
const PACKED = 'test/hbase/compression-wire.test.ts'

export const CONTROLS: readonly Control[] = [
  {
    name: 'the table check of lookups',
    file: 'hbase/locator.ts',
    find: '.filter((region) => region.table === table)\n    for',
    replace: '\n    for',
    tests: ['test/hbase/wire/placement.test.ts'],
  },
  {
    name: 'the table check of lists',
    file: 'hbase/locator.ts',
    find: '.filter((region) => region.table === table)\n    }',
    replace: '\n    }',
    tests: ['test/hbase/wire/placement.test.ts'],
  },
  {
    name: 'the end-of-range check',
    file: 'hbase/region.ts',
    find: '&& (end.length === 0 || compareBytes(row, end) < 0)',
    replace: '',
    tests: ['test/hbase/rules.test.ts'],
  },
  {
    name: 'next_call_seq',
    file: 'hbase/scan/region-scan.ts',
    find: 'nextCallSeq: this.#calls++,',
    replace: '',
    tests: [WIRE],
    only: 'sends requests twice',
  },
  {
    name: 'the matching of results by index',
    file: 'hbase/mutate.ts',
    find: 'const item = part.items[index]',
    replace: 'const item = part.items[count + 0 * index]',
    tests: ['test/hbase/write.test.ts'],
    only: 'unknown family',
  },
  {
    name: "the scan's end proof",
    file: 'hbase/scan/coverage.ts',
    find: 'if (!formChain(regions)) throw',
    replace: 'if (regions.length > 1e9) throw',
    tests: ['test/hbase/rules.test.ts', 'test/hbase/proof.test.ts'],
  },
  {
    name: 'the order of packed rows',
    file: 'hbase/packed-results.ts',
    find: 'if (difference !== 0) return difference',
    replace: 'if (difference !== 0) return -1',
    tests: ['test/hbase/scan-packed.test.ts'],
    only: 'the proof fails|long keys',
  },
  {
    name: 'the pieces of a packed row',
    file: 'hbase/scan/packed-assembly.ts',
    find: 'this.#open.push(Buffer.from(rest))',
    replace: '',
    tests: ['test/hbase/scan-packed.test.ts'],
    only: 'pieces of rows',
  },
  {
    name: 'the memory of a page being its own until the next one is asked for',
    file: 'hbase/scan/scanner.ts',
    find: `          yield page
          assembly.done(page)`,
    replace: `          assembly.done(page)
          yield page`,
    tests: ['test/hbase/scan-packed.test.ts'],
    only: 'gives what a scan',
  },
  {
    name: 'the copy of the beginning of a packed row whose rest is still to come',
    file: 'hbase/scan/packed-assembly.ts',
    find: '[Buffer.from(cellblock.subarray(end))]',
    replace: '[cellblock.subarray(end)]',
    tests: ['test/hbase/scan-packed-faults.test.ts'],
    only: 'side by side|forwards',
  },
  {
    name: 'the end of a page in the middle of a row',
    file: 'hbase/packed-results.ts',
    find: 'if (at >= this.#end) return this.#none()',
    replace: 'if (at >= this.#end) return false',
    tests: ['test/hbase/scan-packed.test.ts'],
    only: 'middle of a row',
  },
  {
    name: 'the copy of the last key seen',
    file: 'hbase/scan/coverage.ts',
    find: 'Buffer.from(rows.keyAt(rows.length - 1))',
    replace: 'rows.keyAt(rows.length - 1)',
    tests: ['test/hbase/scan-packed.test.ts'],
    only: 'without harm',
  },
  {
    name: 'the end of a silent connection',
    file: 'hbase/connection.ts',
    find: 'if (this.#lastAnswerAt < sentAt) return this.#break(',
    replace: 'if (this.#lastAnswerAt < -sentAt) return this.#break(',
    tests: ['test/hbase/channels.test.ts', 'test/hbase/lifecycle.test.ts'],
  },
  {
    name: 'the share of bytes per server',
    file: 'hbase/flights.ts',
    find: 'capacityOf: () => BYTES_PER_SERVER, total: BYTES_IN_FLIGHT',
    replace: 'capacityOf: () => BYTES_IN_FLIGHT, total: BYTES_IN_FLIGHT',
    tests: ['test/hbase/flow.test.ts'],
    only: 'requests under way',
  },
  {
    name: 'the silence of errors about rows',
    file: 'hbase/faults.ts',
    find: 'toError({ tell = false,',
    replace: 'toError({ tell = true,',
    tests: ['test/hbase/channels.test.ts'],
    only: 'neither messages nor errors',
  },
  {
    name: 'that a get is answered once',
    file: 'hbase/get.ts',
    find: '!unanswered.delete(item)) throw',
    replace: '(unanswered.delete(item), false)) throw',
    tests: [GETS],
    only: 'answered twice',
  },
  {
    name: 'that a get is answered with its own row',
    file: 'hbase/get.ts',
    find: 'if (Buffer.compare(row, asked) !== 0) throw',
    replace: 'if (asked.length === 0) throw',
    tests: [GETS],
    only: 'for each other',
  },
  {
    name: 'the shrinking of requests a server finds too large',
    file: 'hbase/mutate.ts',
    find: 'this.#maxBytes = Math.min(this.#maxBytes, bytes / 2)',
    replace: '',
    tests: [LIMITS],
    only: 'a large batch in pieces',
  },
  {
    name: 'the end of a connection whose server reads no further',
    file: 'hbase/connection.ts',
    find: "if (fault.remedy === 'split') this.#break(",
    replace: 'if (this.#calls.size < 0) this.#break(',
    tests: [LIMITS],
    only: 'still reads',
  },
  {
    name: 'the renewal of a lease',
    file: 'hbase/scan/region-scan.ts',
    find: 'if (this.#open) this.#keep()',
    replace: '',
    tests: [LIMITS],
    only: 'longer than the lease',
  },
  {
    name: 'the closing of scanners',
    file: 'hbase/scan/scanner.ts',
    find: '.then(() => scan.close(calm()))',
    replace: '',
    tests: ['test/hbase/scan-close.test.ts'],
  },
  {
    name: 'the leaving of a scan that was aborted',
    file: 'hbase/scan/scanner.ts',
    find: 'if (!broken) await this.#leave(closing)',
    replace: 'if (!broken) await closing',
    tests: ['test/hbase/scan-close.test.ts'],
    only: 'aborted meanwhile',
  },
  {
    name: 'the end of a connection with a damaged cell block',
    file: 'hbase/connection.ts',
    find: "this.#break('sent cells that cannot be unpacked', error)",
    replace: 'call.resolve({ ...reply, cells: Buffer.alloc(0 * String(error).length) })',
    tests: [PACKED],
    only: 'the rows are read again',
  },
  {
    name: 'the bound of what a cell block unpacks to',
    file: 'hbase/compression.ts',
    find: ', maxOutputLength: Math.max(1, size)',
    replace: '',
    tests: [PACKED],
    only: 'holds more than it says',
  },
  {
    name: 'the region a bulk load is meant for',
    file: 'hbase/admin/bulk-load.ts',
    find: 'if (!isIt(region)) throw',
    replace: "if (table === '') throw",
    tests: ['test/hbase/bulk-load.test.ts'],
    only: 'split or merged',
  },
  {
    name: 'the one more look for a row outside of its region',
    file: 'hbase/patience.ts',
    find: 'misplaced: 2,',
    replace: 'misplaced: 999,',
    tests: ['test/hbase/rules.test.ts', 'test/hbase/misplaced.test.ts'],
  },
  {
    name: 'the look before a clone',
    file: 'hbase/admin/snapshots.ts',
    find: 'if ((await locator.state(whole, deadline)) !== undefined)',
    replace: "if ((await locator.state(whole, deadline)) === 'changing')",
    tests: ['test/hbase/snapshots.test.ts'],
    only: 'never goes into',
  },
  ...REFUSALS,
]
