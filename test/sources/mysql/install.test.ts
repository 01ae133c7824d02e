import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TableSchema } from '../../../model/table.ts'
import type { Capture } from '../../../sources/source.ts'
import { logged, openBench, SERVERS, type Bench, damaged } from './server.ts'

describe.each(SERVERS)('install and release on %s', (server) => {
  let bench: Bench
  let table: TableSchema
  let capture: Capture

  beforeAll(async () => {
    bench = await openBench(server)
  })
  afterAll(async () => bench.close())

  beforeEach(async () => {
    await bench.run('DROP TABLE IF EXISTS t', `DROP DATABASE IF EXISTS ${bench.schema}`)
    await bench.run('CREATE TABLE t (id INT PRIMARY KEY, a INT)')
    table = await bench.source.describe(`${bench.database}.t`)
    capture = bench.source.capture('shop')
  })

  const triggers = (): Promise<(string | null)[][]> =>
    bench.ask(
      `SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = '${bench.database}'`,
    )

  test('T92 leaves nothing behind, and the application goes on writing', async () => {
    await capture.install([table])
    await bench.run('INSERT INTO t VALUES (1, 1)')
    expect(await capture.remove()).toEqual([])
    expect(await triggers()).toEqual([])
    expect(await bench.ask(`SHOW DATABASES LIKE '${bench.schema}'`)).toEqual([])
    await bench.run('UPDATE t SET a = 2')
    expect(await capture.remove()).toEqual([])
    expect(await bench.source.captured()).toEqual([])
  })

  test('T92 leaves a schema in which somebody else keeps something', async () => {
    await bench.run(
      `CREATE DATABASE ${bench.schema}`,
      `CREATE TABLE ${bench.schema}.theirs (a INT)`,
    )
    await capture.install([table])
    expect(await capture.remove()).toEqual([])
    expect(await bench.ask(`SHOW TABLES FROM ${bench.schema}`)).toEqual([['theirs']])
  })

  test('T92 forgets a table that was dropped meanwhile', async () => {
    await capture.install([table])
    await bench.run('DROP TABLE t')
    expect(await damaged(capture)).toHaveLength(3)
    expect(await capture.remove()).toEqual([])
    expect(await bench.ask(`SHOW DATABASES LIKE '${bench.schema}'`)).toEqual([])
  })

  test('T92 removes nothing of its log while it may not drop the triggers', async () => {
    await capture.install([table])
    const account = `weak_${bench.schema}`.slice(0, 32)
    await bench.run(`CREATE USER ${account}@'%' IDENTIFIED BY 'weak-password-1'`)
    await bench.run(`GRANT SELECT, DELETE ON ${bench.schema}.* TO ${account}@'%'`)
    const weak = await bench.open({ user: account, password: 'weak-password-1' })
    // Without TRIGGER on the table the catalog hides them, so nothing may be called removed
    const refused: unknown = await weak
      .capture('shop')
      .remove()
      .catch((error: unknown) => error)
    // MariaDB with a binary log asks for trust first, even to drop one
    expect(refused).toMatchObject({
      code: expect.stringMatching(/^(PRIVILEGE_MISSING|TRIGGERS_NOT_TRUSTED)$/) as string,
    })
    expect(await triggers()).toHaveLength(3)
    await bench.run(`DROP USER ${account}@'%'`, 'INSERT INTO t VALUES (1, 1)')
    expect(await logged(capture)).toEqual(['insert 1'])
    expect(await capture.remove()).toEqual([])
    expect(await triggers()).toEqual([])
  })

  test('is safe to repeat, also by several at once', async () => {
    await Promise.all([capture.install([table]), capture.install([table])])
    const other = bench.source.capture('other')
    await Promise.all([other.install([table]), capture.install([table])])
    expect(await triggers()).toHaveLength(6)
    await bench.run('INSERT INTO t VALUES (1, 1)')
    expect(await logged(capture)).toEqual(['insert 1'])
    expect(await logged(other)).toEqual(['insert 1'])
    await Promise.all([capture.remove(), other.remove()])
    expect(await triggers()).toEqual([])
  })

  test('ends what a broken attempt began', async () => {
    await capture.install([table])
    await bench.run(
      `UPDATE ${bench.schema}.longhaul_source SET installed = 0, trigger_hashes = '{}'`,
      'DROP TRIGGER longhaul1_au',
      'DROP TRIGGER longhaul1_ad',
      `CREATE TRIGGER longhaul1_ad AFTER DELETE ON t FOR EACH ROW SET @a = 1`,
      `DROP VIEW ${bench.schema}.syncslog`,
    )
    await capture.install([table])
    expect(await damaged(capture)).toEqual([])
    await bench.run('INSERT INTO t VALUES (1, 1)', 'UPDATE t SET a = 2', 'DELETE FROM t')
    expect(await logged(capture)).toEqual(['insert 1', 'update 1 (a)', 'delete 1'])
  })

  test('T39 names a trigger that is missing or altered, and does not hide the gap', async () => {
    await capture.install([table])
    expect(await damaged(capture)).toEqual([])
    await bench.run('DROP TRIGGER longhaul1_au')
    expect(await damaged(capture)).toEqual([`${bench.database}.longhaul1_au`])
    await bench.run('CREATE TRIGGER longhaul1_au AFTER UPDATE ON t FOR EACH ROW SET @a = 1')
    expect(await damaged(capture)).toEqual([`${bench.database}.longhaul1_au`])
    await expect(capture.install([table])).rejects.toMatchObject({ code: 'CAPTURE_LOST' })

    await bench.run(`DROP DATABASE ${bench.schema}`)
    expect(await damaged(capture)).toEqual([`${bench.schema}.longhaul_source`])
    await expect(capture.read(1)).rejects.toMatchObject({ code: 'CAPTURE_LOST' })
    await expect(capture.token('x')).rejects.toMatchObject({ code: 'CAPTURE_LOST' })
  })

  test('says that a captured table has changed since', async () => {
    await capture.install([table])
    // The times of the catalog are whole seconds: a rebuild in the second of the creation looks like TRUNCATE
    await sleep(1_100)
    await bench.run('ALTER TABLE t ADD COLUMN b INT')
    const changed = await bench.source.describe(table.name)
    await expect(capture.install([changed])).rejects.toMatchObject({ code: 'SCHEMA_CHANGED' })
    await capture.install([table])
  })

  test('takes other names for its triggers when another log has those names already', async () => {
    await capture.install([table])
    const schema = `${bench.schema}_b`
    const second = (await bench.open({ schema })).capture('shop')
    await second.install([table])
    await bench.run('INSERT INTO t VALUES (1, 1)')
    expect(await logged(second)).toEqual(['insert 1'])
    expect(await second.remove()).toEqual([])
    expect(await logged(capture)).toEqual(['insert 1'])
    expect(await damaged(capture)).toEqual([])
  })

  test('T68 T41 waits for a transaction that began without triggers, and lets others write', async () => {
    const slow = await bench.connect()
    const quick = await bench.connect()
    await slow.query('START TRANSACTION')
    await slow.query('INSERT INTO t VALUES (1, 1)')

    let installed = false
    const installing = capture.install([table]).then(() => (installed = true))
    let longest = 0
    for (let i = 0; i < 12; i++) {
      const began = performance.now()
      await quick.query(`INSERT INTO t VALUES (${100 + i}, 1)`)
      longest = Math.max(longest, performance.now() - began)
      await sleep(250)
    }
    expect(installed).toBe(false)
    expect(longest).toBeLessThan(3_000)
    await slow.query('COMMIT')
    await installing
    await quick.query('INSERT INTO t VALUES (2, 1)')
    expect(await logged(capture)).toContain('insert 2')
  })

  test('waits at the barrier for open writes, and names the table when they do not end', async () => {
    const slow = await bench.connect()
    await slow.query('START TRANSACTION')
    await slow.query('INSERT INTO t VALUES (1, 1)')
    let passed = false
    const waiting = capture.barrier([table]).then(() => (passed = true))
    await sleep(2_500)
    expect(passed).toBe(false)
    await slow.query('COMMIT')
    await waiting
    await slow.query('INSERT INTO t VALUES (2, 1)')
    await capture.barrier([table])
  })

  test('carries names with dots, quotes and other letters', async () => {
    const name = 'Größe `x` 表'
    await bench.run(
      "CREATE TABLE `Größe ``x`` 表` (`schlüssel|` INT PRIMARY KEY, `a'b` INT, `c\\d` INT)",
    )
    const odd = await bench.source.describe(`${bench.database}.${name}`)
    await capture.install([odd])
    expect(await damaged(capture)).toEqual([])
    await bench.run(
      'INSERT INTO `Größe ``x`` 表` VALUES (1, 1, 1)',
      "UPDATE `Größe ``x`` 表` SET `a'b` = 2, `c\\d` = 2",
    )
    expect(await logged(capture)).toEqual(['insert 1', "update 1 (a'b c\\d)"])
    expect((await capture.read(1))[0]?.table).toBe(odd.name)
    await capture.remove()
    await bench.run('DROP TABLE `Größe ``x`` 表`')
  })
})
