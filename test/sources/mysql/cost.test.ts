import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CaptureCost } from '../../../model/cost.ts'
import { logged, LOGS, openBench, type Bench } from './server.ts'

describe.each(LOGS)('what capture costs on %s, log: %s', (server, log) => {
  let bench: Bench

  beforeAll(async () => {
    bench = await openBench(server, log)
    await bench.run(
      'CREATE TABLE t (id INT PRIMARY KEY, name VARCHAR(40), twice INT AS (id * 2) STORED, CHECK (id > 0))',
      `INSERT INTO t (id, name) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900)
       SELECT i, CONCAT('name ', i) FROM n`,
    )
  })
  afterAll(() => bench.close())

  const cost = async (name = 't'): Promise<CaptureCost> =>
    bench.source.cost(await bench.source.describe(`${bench.database}.${name}`))
  const schemas = (): Promise<(string | null)[][]> =>
    bench.ask(`SHOW DATABASES LIKE '${bench.schema}'`)

  test('measures each kind of change and leaves nothing behind', async () => {
    const { rows, ...changes } = await cost()
    expect(rows).toBe(900)
    expect(Object.keys(changes)).toEqual(['insert', 'update', 'delete'])
    for (const change of Object.values(changes)) {
      expect(change?.plain).toBeGreaterThan(0)
      // A trigger that writes a row cannot be free; the control below has none
      expect(change?.added).toBeGreaterThan(0.5)
      expect(change?.added).toBeLessThan(1000)
    }
    expect(await schemas()).toEqual([])
    expect(await bench.ask('SHOW TRIGGERS')).toEqual([])
    expect(await bench.ask('SELECT COUNT(*) FROM t')).toEqual([['900']])
  })

  test('of an empty table nothing is measured, and of columns that may not change no update', async () => {
    await bench.run(
      'CREATE TABLE hollow (id INT PRIMARY KEY)',
      'CREATE TABLE bound (id INT PRIMARY KEY, a INT UNIQUE, b INT, CHECK (b <= id))',
      'INSERT INTO bound VALUES (1, 1, 1), (2, 2, 2)',
    )
    expect(await cost('hollow')).toEqual({ rows: 0, insert: null, update: null, delete: null })
    const { rows, insert, update } = await cost('bound')
    expect(rows).toBe(2)
    expect(insert).not.toBeNull()
    expect(update).toBeNull()
    expect(await schemas()).toEqual([])
  })

  test('beside a project nothing of it is touched', async () => {
    const capture = bench.source.capture('beside')
    await capture.install([await bench.source.describe(`${bench.database}.t`)])
    await bench.run('UPDATE t SET name = NULL WHERE id = 7')
    expect((await cost()).rows).toBe(900)
    expect(await logged(capture)).toEqual(['update 7 (name)'])
    expect(await capture.damage()).toEqual([])
    expect(await bench.ask(`SHOW TABLES FROM ${bench.schema} LIKE 'longhaul\\_plain'`)).toEqual([])
    expect(await capture.remove()).toEqual([])
  })
})
