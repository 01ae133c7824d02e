/** One mechanism taken out, and the tests that must notice. */
export interface Control {
  readonly name: string
  readonly file: string
  /** Text that stands in the file exactly once. */
  readonly find: string
  readonly replace: string
  readonly tests: readonly string[]
  /** Only tests with this in their name. */
  readonly only?: string
}

const WIRE = 'test/hbase/wire/storms.test.ts'

export const CONTROLS: readonly Control[] = [
  {
    name: 'the table check',
    file: 'hbase/locator.ts',
    find: '.filter((region) => region.table === table)',
    replace: '',
    tests: ['test/hbase/wire/placement.test.ts'],
  },
  {
    name: 'the end-of-range check',
    file: 'hbase/region.ts',
    find: '&& (end.length === 0 || compareBytes(row, end) < 0)',
    replace: '',
    tests: ['test/hbase/rules.test.ts', 'test/hbase/proof.test.ts'],
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
    replace: 'const item = part.items[part.items.length - unanswered.size + 0 * index]',
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
]
