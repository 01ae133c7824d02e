import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { TableSchema } from '../../../model/table.ts'
import type { Capture } from '../../../sources/source.ts'
import { clearLog, damaged, logged, openBench, SERVERS, type Bench } from './server.ts'

describe.each(SERVERS)('rows that go without a trigger on %s', (server) => {
  let bench: Bench
  let capture: Capture
  let table: TableSchema

  beforeAll(async () => {
    bench = await openBench(server)
  })
  afterAll(async () => bench.close())

  beforeEach(async () => {
    await bench.run(
      'CREATE TABLE t (id INT PRIMARY KEY, a INT)',
      'INSERT INTO t VALUES (1, 1), (2, 2)',
    )
    table = await bench.source.describe(`${bench.database}.t`)
    capture = bench.source.capture('truncate')
    await capture.install([table])
  })
  afterEach(async () => {
    await capture.remove()
    await bench.run('DROP TABLE IF EXISTS t, u, parts, plain')
  })

  const emptied = (name: string): string => `${bench.database}.${name} (TRUNCATE, or a partition)`

  test('T38 TRUNCATE is noticed by the number of the table, also when it is filled again', async () => {
    await bench.run('INSERT INTO t VALUES (3, 3)', 'DELETE FROM t')
    expect(await damaged(capture)).toEqual([])
    await clearLog(capture)
    await bench.run('TRUNCATE t')
    // The control: nothing else would tell
    expect(await logged(capture)).toEqual([])
    await bench.run('INSERT INTO t VALUES (1, 1), (2, 2)')
    expect(await damaged(capture)).toEqual([emptied('t')])
    await expect(capture.install([table])).rejects.toMatchObject({ code: 'CAPTURE_LOST' })
    expect(await damaged(capture)).toEqual([emptied('t')])

    expect(await capture.remove()).toEqual([])
    await capture.install([table])
    expect(await damaged(capture)).toEqual([])
  })

  test('T38 a rebuild is none, and a TRUNCATE after it is noticed', async () => {
    await sleep(1_100)
    await bench.run('OPTIMIZE TABLE t')
    expect(await damaged(capture)).toEqual([])
    await sleep(1_100)
    await bench.run('ALTER TABLE t ADD INDEX (a)')
    expect(await damaged(capture)).toEqual([])
    await bench.run('TRUNCATE t')
    expect(await damaged(capture)).toEqual([emptied('t')])
  })

  test.each([
    ['truncated', 'ALTER TABLE parts TRUNCATE PARTITION p0'],
    ['dropped', 'ALTER TABLE parts DROP PARTITION p0'],
    ['exchanged', 'ALTER TABLE parts EXCHANGE PARTITION p0 WITH TABLE plain'],
  ])('T38 a partition that is %s is noticed', async (_what, statement) => {
    await bench.run(
      `CREATE TABLE parts (id INT PRIMARY KEY) PARTITION BY RANGE (id)
        (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20))`,
      'CREATE TABLE plain (id INT PRIMARY KEY)',
      'INSERT INTO parts VALUES (1), (11)',
    )
    const parts = await bench.source.describe(`${bench.database}.parts`)
    await capture.install([table, parts])
    await clearLog(capture)
    expect(await damaged(capture)).toEqual([])
    await bench.run(
      'ALTER TABLE parts ADD PARTITION (PARTITION p2 VALUES LESS THAN (30))',
      'DELETE FROM parts WHERE id = 11',
    )
    expect(await damaged(capture)).toEqual([])
    expect(await logged(capture)).toEqual(['delete 11'])
    await bench.run(statement)
    expect(await logged(capture)).toEqual(['delete 11'])
    expect(await damaged(capture)).toEqual([emptied('parts')])
  })

  test('T38 a table with other letters in its name is watched too', async () => {
    const name = 'größe_1 表-x'
    await bench.run(`CREATE TABLE \`${name}\` (id INT PRIMARY KEY)`)
    await capture.install([table, await bench.source.describe(`${bench.database}.${name}`)])
    expect(await damaged(capture)).toEqual([])
    await bench.run(`TRUNCATE \`${name}\``)
    expect(await damaged(capture)).toEqual([emptied(name)])
    await capture.remove()
    await bench.run(`DROP TABLE \`${name}\``)
  })

  test('T38 without PROCESS nothing is noticed, and the check says so', async () => {
    const user = `dim_${bench.schema.slice(9)}`.slice(0, 32)
    const password = 'dim-password-1'
    await bench.run(
      `CREATE USER ${user}@'%' IDENTIFIED BY '${password}'`,
      `GRANT ALL ON ${bench.database}.* TO ${user}@'%'`,
      `GRANT ALL ON ${bench.schema}.* TO ${user}@'%'`,
    )
    const source = await bench.open({ user, password })
    const said = async (): Promise<string> =>
      (await source.check([table])).map(({ text }) => text).join()
    expect(await said()).toContain('GRANT PROCESS ON *.*')
    const dim = source.capture('dim')
    await dim.install([table])
    await bench.run('TRUNCATE t')
    expect(await damaged(dim)).toEqual([])
    expect(await damaged(capture)).toEqual([emptied('t')])
    expect(await dim.remove()).toEqual([])
    await bench.run(`GRANT PROCESS ON *.* TO ${user}@'%'`)
    expect(await said()).not.toContain('PROCESS')
    await bench.run(`DROP USER ${user}@'%'`)
  })

  const statement = (sql: string): Promise<unknown> => bench.run(sql)
  const TRUNCATE_REFUSED = { errno: 1701 }

  test('T38 truncate: refuse makes the server refuse it until the project is released', async () => {
    await bench.run(
      'CREATE TABLE u (b VARCHAR(20) CHARACTER SET latin1 NOT NULL, `a b` INT UNSIGNED NOT NULL, c INT, UNIQUE KEY (`a b`, b))',
      "INSERT INTO u VALUES ('x', 1, 1)",
    )
    await capture.remove()
    // The control
    await bench.run('TRUNCATE t')
    const source = await bench.open({ truncate: 'refuse' })
    const unique = await source.describe(`${bench.database}.u`)
    const found = await source.check([table, unique])
    expect(found.map(({ code }) => code)).not.toContain('TRUNCATE_UNSEEN')
    capture = source.capture('guarded')
    await capture.install([table, unique])
    await capture.install([table, unique])
    await expect(statement('TRUNCATE t')).rejects.toMatchObject(TRUNCATE_REFUSED)
    await expect(statement('TRUNCATE u')).rejects.toMatchObject(TRUNCATE_REFUSED)
    await expect(statement('DROP TABLE t')).rejects.toThrow()
    await bench.run('INSERT INTO t VALUES (7, 7)', 'UPDATE t SET id = 8', 'DELETE FROM t')
    expect(await damaged(capture)).toEqual([])
    await clearLog(capture)

    await bench.run('ALTER TABLE t ADD COLUMN z INT')
    await capture.recapture(await source.describe(table.name))
    await expect(statement('TRUNCATE t')).rejects.toMatchObject(TRUNCATE_REFUSED)

    expect(await capture.remove()).toEqual([])
    expect(await bench.ask(`SHOW DATABASES LIKE '${bench.schema}'`)).toEqual([])
    await bench.run('TRUNCATE t', 'DROP TABLE u')
  })

  test('T38 who is released takes along a guard of no project, and leaves those of others', async () => {
    await capture.remove()
    const source = await bench.open({ truncate: 'refuse' })
    await bench.run('CREATE TABLE u (id INT PRIMARY KEY)')
    const other = source.capture('other')
    await other.install([await source.describe(`${bench.database}.u`)])
    capture = source.capture('guarded')
    await capture.install([table])
    await bench.run(
      `DELETE FROM ${bench.schema}.longhaul_source WHERE table_name = '${table.name}'`,
    )
    expect(await capture.remove()).toEqual([])
    await bench.run('TRUNCATE t')
    await expect(statement('TRUNCATE u')).rejects.toMatchObject(TRUNCATE_REFUSED)
    expect(await other.remove()).toEqual([])
    await bench.run('DROP TABLE u')
  })

  test('T38 a partitioned table cannot be guarded: the check says so, and it is noticed as ever', async () => {
    await bench.run('CREATE TABLE parts (id INT PRIMARY KEY) PARTITION BY HASH (id) PARTITIONS 2')
    await capture.remove()
    const source = await bench.open({ truncate: 'refuse' })
    const parts = await source.describe(`${bench.database}.parts`)
    const found = await source.check([parts])
    expect(found.map(({ text }) => text).join()).toContain('the table is partitioned')
    capture = source.capture('guarded')
    await capture.install([parts])
    await bench.run('TRUNCATE parts')
    expect(await damaged(capture)).toEqual([emptied('parts')])
  })

  test('T39 a table that is swapped for another leaves its triggers behind, which is noticed', async () => {
    await sleep(1_100)
    await bench.run('CREATE TABLE u LIKE t', 'RENAME TABLE t TO old, u TO t')
    expect(await damaged(capture)).toHaveLength(3)
    await bench.run('RENAME TABLE t TO u, old TO t')
    const triggers = (await damaged(capture)).filter((name) => name.includes('longhaul1_'))
    expect(triggers).toEqual([])
  })
})
