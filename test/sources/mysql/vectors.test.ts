import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { TableSchema } from '../../../model/table.ts'
import type { Capture } from '../../../sources/source.ts'
import { clearLog, LOGS, openBench, Replica, type Bench } from './server.ts'

/**
 * What is done to `t (c1 … c6)`, whose key is c1, and the log it must leave once it is folded: type, key and
 * mask, in which a column's bit is 2 to the power of its place, from c1 = 1 on.
 */
interface Vector {
  readonly name: string
  /** Done before, and acknowledged. */
  readonly before?: readonly string[]
  readonly run: readonly string[]
  readonly log: readonly string[]
}

const SEVEN = `INSERT INTO t VALUES (7, 1, 1, 1, 1, 'x')`

const VECTORS: readonly Vector[] = [
  { name: 'V1 an insert', run: [SEVEN], log: ['N 7 0'] },
  {
    name: 'V2 an update of a row that is logged already',
    run: [SEVEN, 'UPDATE t SET c3 = 2, c5 = 2 WHERE c1 = 7'],
    log: ['N 7 0', 'U 7 20'],
  },
  {
    name: 'V2 an update of a row that is not',
    before: [SEVEN],
    run: ['UPDATE t SET c3 = 2, c5 = 2 WHERE c1 = 7'],
    log: ['U 7 20'],
  },
  {
    name: 'V3 another update of other columns',
    before: [SEVEN],
    run: ['UPDATE t SET c3 = 2, c5 = 2', 'UPDATE t SET c3 = 3, c2 = 3'],
    log: ['U 7 22'],
  },
  {
    name: 'V4 an update to the same value',
    before: [SEVEN],
    run: ['UPDATE t SET c3 = 1'],
    log: [],
  },
  {
    name: 'V5 an update to NULL',
    before: [SEVEN],
    run: ['UPDATE t SET c4 = NULL'],
    log: ['U 7 8'],
  },
  {
    name: 'V6 a changed key',
    before: [SEVEN],
    run: ['UPDATE t SET c2 = 5', 'UPDATE t SET c1 = 9 WHERE c1 = 7'],
    log: ['D 7 0', 'N 9 0'],
  },
  {
    name: 'V7 a deletion of what was inserted and updated',
    run: [SEVEN, 'UPDATE t SET c1 = 9', 'UPDATE t SET c2 = 3', 'DELETE FROM t WHERE c1 = 9'],
    log: ['D 7 0', 'D 9 0'],
  },
  {
    name: 'V8 an insert that is deleted',
    run: ['INSERT INTO t (c1) VALUES (11)', 'DELETE FROM t WHERE c1 = 11'],
    log: ['D 11 0'],
  },
  {
    name: 'V9 a row that comes again without one of its values',
    before: [SEVEN],
    run: ['DELETE FROM t', 'INSERT INTO t (c1) VALUES (7)'],
    log: ['N 7 0'],
  },
  {
    name: 'V10 keys that move up in one statement',
    before: ['INSERT INTO t (c1) VALUES (1), (2)'],
    run: ['UPDATE t SET c1 = c1 + 1 ORDER BY c1 DESC'],
    log: ['D 1 0', 'N 2 0', 'N 3 0'],
  },
  {
    name: 'V11 a thousand updates of ten rows',
    run: [
      'INSERT INTO t (c1, c2) VALUES (0,0),(1,0),(2,0),(3,0),(4,0),(5,0),(6,0),(7,0),(8,0),(9,0)',
      ...Array.from({ length: 100 }, (_, i) => `UPDATE t SET c2 = ${i + 1}`),
    ],
    log: Array.from({ length: 10 }, (_, key) => [`N ${key} 0`, `U ${key} 2`]).flat(),
  },
  { name: 'V12 a transaction that is rolled back', run: ['BEGIN', SEVEN, 'ROLLBACK'], log: [] },
  {
    name: 'V15 a child that goes to another parent',
    before: [SEVEN],
    run: ['UPDATE t SET c2 = 99'],
    log: ['U 7 2'],
  },
  {
    name: 'V16 INSERT … SELECT of several rows',
    before: ['INSERT INTO t (c1) VALUES (1), (2)'],
    run: ['INSERT INTO t (c1) SELECT c1 + 10 FROM t'],
    log: ['N 11 0', 'N 12 0'],
  },
  {
    name: 'V16 ON DUPLICATE KEY UPDATE of several rows',
    before: ['INSERT INTO t (c1) VALUES (1)'],
    run: ['INSERT INTO t (c1, c3) VALUES (1, 5), (2, 5) ON DUPLICATE KEY UPDATE c3 = VALUES(c3)'],
    log: ['N 2 0', 'U 1 4'],
  },
  {
    name: 'V16 REPLACE of several rows',
    before: ['INSERT INTO t (c1, c3) VALUES (1, 1)'],
    run: ['REPLACE INTO t (c1, c4) VALUES (1, 5), (2, 5)'],
    log: ['N 1 0', 'N 2 0'],
  },
]

describe.each(LOGS)('vectors on %s, log: %s', (server, log) => {
  let bench: Bench
  let table: TableSchema
  let capture: Capture
  let replica: Replica

  beforeAll(async () => {
    bench = await openBench(server, log)
    await bench.run(
      'CREATE TABLE t (c1 INT PRIMARY KEY, c2 INT, c3 INT, c4 INT, c5 INT, c6 VARCHAR(9))',
      'CREATE TABLE two (a VARCHAR(9), b VARCHAR(9), PRIMARY KEY (a, b))',
    )
    table = await bench.source.describe(`${bench.database}.t`)
    capture = bench.source.capture('vectors')
    await capture.install([table, await bench.source.describe(`${bench.database}.two`)])
  })
  afterAll(async () => bench.close())

  beforeEach(async () => {
    await bench.run('DELETE FROM t')
    await clearLog(capture)
    replica = new Replica(bench.source, capture, table)
  })

  /** The log as people see it, folded. */
  const folded = async (): Promise<string[]> => {
    if (log === 'append') await capture.compact(await capture.token('test'), 10_000)
    const rows = await bench.ask(
      `SELECT CONCAT_WS(' ', type_field, key_field, ucn_field) FROM ${bench.schema}.syncslog`,
    )
    return rows.map(([row]) => row ?? '').sort()
  }

  test.each(VECTORS)('$name', async ({ before = [], run, log: expected }) => {
    await bench.run(...before)
    await replica.drain()
    await bench.run(...run)
    expect(await folded()).toEqual([...expected].sort())
    await replica.drain()
    expect(replica.rows).toEqual(await replica.expected())
  })

  test('V13 a change between the reading and the acknowledgement stays, and is applied', async () => {
    await bench.run(SEVEN)
    await replica.drain()
    await bench.run('UPDATE t SET c3 = 5')
    const token = await capture.token('test')
    const changes = await capture.read(10)
    await bench.run('UPDATE t SET c3 = 6')
    await capture.acknowledge(token, changes)
    expect(await folded()).toEqual(['U 7 4'])
    await replica.drain()
    expect(replica.rows).toEqual(await replica.expected())
  })

  test('V14 keys of two columns that would join to the same text', async () => {
    await bench.run("INSERT INTO two VALUES ('a|b', 'c'), ('a', 'b|c')")
    expect(await folded()).toEqual(['N a|b~1c 0', 'N a~1b|c 0'])
    await bench.run('DELETE FROM two')
  })
})
