import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Capture } from '../../../sources/source.ts'
import { clearLog, openBench, SERVERS, shown, type Bench } from './server.ts'

describe.each(SERVERS)('columns that are not written by the application, on %s', (server) => {
  let bench: Bench
  let capture: Capture

  beforeAll(async () => {
    bench = await openBench(server)
    capture = bench.source.capture('columns')
  })
  afterAll(async () => bench.close())

  test('carries generated and invisible columns like any other', async () => {
    const invisible = 'h INT INVISIBLE DEFAULT 7'
    await bench.run(
      `CREATE TABLE g (id INT PRIMARY KEY, a INT, v INT AS (a + 1) VIRTUAL, s INT AS (a * 2) STORED, ${invisible})`,
    )
    const table = await bench.source.describe(`${bench.database}.g`)
    await capture.install([table])
    await bench.run('INSERT INTO g (id, a) VALUES (1, 1)')
    const rows = await bench.source.rows.matching(table, ['1'])
    expect(shown(rows.get('1'))).toBe('1,1,2,2,7')
    await clearLog(capture)
    await bench.run('UPDATE g SET a = 5')
    const [change] = await capture.read(10)
    expect([...(change?.columns ?? [])]).toEqual(['a', 'v', 's'])
  })

  if (server === 'mysql')
    test('takes a generated invisible primary key for the key', async () => {
      await bench.run(
        'SET sql_generate_invisible_primary_key = ON',
        'CREATE TABLE keyless (v INT)',
        'SET sql_generate_invisible_primary_key = OFF',
      )
      const table = await bench.source.describe(`${bench.database}.keyless`)
      expect(table.key).toEqual(['my_row_id'])
      await capture.install([table])
      await clearLog(capture)
      await bench.run('INSERT INTO keyless (v) VALUES (7)', 'UPDATE keyless SET v = 8')
      const [, change] = await capture.read(10)
      expect(change).toMatchObject({ kind: 'update', key: '1' })
      const rows = await bench.source.rows.matching(table, ['1'])
      expect(shown(rows.get('1'))).toBe('1,8')
    })

  if (server === 'mariadb')
    test('carries the rows of a system-versioned table that are there now', async () => {
      await bench.run('CREATE TABLE versioned (id INT PRIMARY KEY, v INT) WITH SYSTEM VERSIONING')
      const table = await bench.source.describe(`${bench.database}.versioned`)
      expect(table.columns.map(({ name }) => name)).toEqual(['id', 'v'])
      await capture.install([table])
      await clearLog(capture)
      await bench.run(
        'INSERT INTO versioned VALUES (1, 1), (2, 2)',
        'UPDATE versioned SET v = 3 WHERE id = 1',
        'DELETE FROM versioned WHERE id = 2',
      )
      const changes = await capture.read(10)
      expect(changes.map(({ kind, key }) => `${kind} ${key}`)).toEqual([
        'insert 1',
        'insert 2',
        'update 1',
        'delete 2',
      ])
      const rows = await bench.source.rows.matching(table, ['1', '2'])
      expect([...rows.keys()].map((key) => shown(rows.get(key)))).toEqual(['1,3'])
    })
})
