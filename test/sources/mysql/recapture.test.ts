import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { TableSchema } from '../../../model/table.ts'
import type { Capture } from '../../../sources/source.ts'
import { damaged, LOGS, openBench, type Bench } from './server.ts'

describe.each(LOGS)('a table captured anew on %s, log: %s', (server, log) => {
  let bench: Bench
  let capture: Capture

  beforeAll(async () => {
    bench = await openBench(server, log)
  })
  afterAll(() => bench.close())
  beforeEach(async () => {
    await bench.run(
      'CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT)',
      'INSERT INTO t VALUES (1, 1, 1), (2, 2, 2), (3, 3, 3)',
    )
    capture = bench.source.capture('anew')
    await capture.install([await described()])
  })
  afterEach(async () => {
    expect(await capture.remove()).toEqual([])
    await bench.run('DROP TABLE IF EXISTS t')
  })

  const described = (): Promise<TableSchema> => bench.source.describe(`${bench.database}.t`)

  const read = async (): Promise<string[]> =>
    (await capture.read(100))
      .map(
        ({ kind, key, columns }) =>
          `${kind} ${key} ${columns === null ? '?' : [...columns].join()}`,
      )
      .sort()

  test('T42 what was logged before asks for whole rows, what comes after is exact', async () => {
    await bench.run(
      'UPDATE t SET b = 9 WHERE id = 1',
      'DELETE FROM t WHERE id = 2',
      'ALTER TABLE t ADD COLUMN first INT FIRST',
    )
    expect(await read()).toEqual(['delete 2 ?', 'update 1 b'])
    await capture.recapture(await described())
    await bench.run('UPDATE t SET first = 5 WHERE id = 3', 'INSERT INTO t (id) VALUES (4)')
    expect(await read()).toEqual(['delete 2 ?', 'insert 4 ?', 'update 1 ?', 'update 3 first'])
    expect(await capture.pending(`${bench.database}.t`, ['1', '3', '5'])).toEqual(
      new Set(['1', '3']),
    )
    expect(await damaged(capture)).toEqual([])

    // Folding keeps what is old apart from what is new
    const compactor = await capture.token('compactor')
    await bench.run('UPDATE t SET b = 10 WHERE id = 1', 'UPDATE t SET a = 11 WHERE id = 1')
    await capture.compact(compactor, 100)
    expect((await read()).filter((line) => line.startsWith('update 1'))).toEqual([
      'update 1 ?',
      'update 1 a,b',
    ])
    const changes = await capture.read(100)
    expect(await capture.acknowledge(await capture.token('apply'), changes)).toBe(true)
    expect(await read()).toEqual([])
  })

  test.each(['DROP TRIGGER longhaul1_au', 'TRUNCATE t'])(
    'after %s the capture is whole again',
    async (statement) => {
      await bench.run(statement)
      expect(await damaged(capture)).toHaveLength(1)
      await capture.recapture(await described())
      expect(await damaged(capture)).toEqual([])
      await bench.run('INSERT INTO t VALUES (7, 7, 7)', 'UPDATE t SET a = 8 WHERE id = 7')
      expect(await read()).toContain('update 7 a')
    },
  )

  test('is safe to repeat, and takes up an attempt that ended half-way', async () => {
    await capture.recapture(await described())
    await bench.run('DROP TRIGGER longhaul2_ad')
    // As an attempt leaves it that ends between its triggers
    await bench.run(`UPDATE ${bench.schema}.longhaul_source SET installed = 0 WHERE source_id = 2`)
    await capture.recapture(await described())
    expect(await damaged(capture)).toEqual([])
    await capture.recapture(await described())
    await bench.run('DELETE FROM t WHERE id = 3')
    expect(await read()).toEqual(['delete 3 ?'])
    expect(await damaged(capture)).toEqual([])
  })

  test('refuses another key, and touches nothing', async () => {
    await bench.run('ALTER TABLE t MODIFY a INT NOT NULL, DROP PRIMARY KEY, ADD PRIMARY KEY (a)')
    await expect(capture.recapture(await described())).rejects.toMatchObject({
      code: 'SCHEMA_CHANGED',
    })
    await bench.run('DELETE FROM t WHERE id = 1')
    expect(await read()).toEqual(['delete 1 ?'])
  })
})
