import { Readable } from 'node:stream'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { TableSchema } from '../../../model/table.ts'
import type { Capture } from '../../../sources/source.ts'
import { clearLog, expectLog, LOGS, openBench, Replica, type Bench } from './server.ts'

describe.each(LOGS)('triggers on %s, log: %s', (server, log) => {
  let bench: Bench
  let table: TableSchema
  let capture: Capture
  let replica: Replica

  beforeAll(async () => {
    bench = await openBench(server, log)
    await bench.run(`CREATE TABLE t (
      id INT PRIMARY KEY, c1 INT, c2 VARCHAR(40), c3 INT
    ) COLLATE utf8mb4_general_ci`)
    table = await bench.source.describe(`${bench.database}.t`)
    capture = bench.source.capture('triggers')
    await capture.install([table])
  })
  afterAll(async () => bench.close())

  beforeEach(async () => {
    await bench.run('DELETE FROM t')
    await clearLog(capture)
    replica = new Replica(bench.source, capture, table)
  })

  const logs = (appended: readonly string[], folded?: readonly string[]): Promise<void> =>
    expectLog(log, capture, appended, folded)

  const follows = async (): Promise<void> => {
    await replica.drain()
    expect(replica.rows).toEqual(await replica.expected())
  }

  test('T01 logs an insert once, without columns', async () => {
    await bench.run("INSERT INTO t VALUES (1, 1, 'a', 1)")
    await logs(['insert 1'])
    await follows()
  })

  test('T02 logs two updates; folded, they tell the columns of both', async () => {
    await bench.run("INSERT INTO t VALUES (1, 1, 'a', 1)")
    await clearLog(capture)
    await bench.run('UPDATE t SET c1 = 2', 'UPDATE t SET c3 = 2')
    await logs(['update 1 (c1)', 'update 1 (c3)'], ['update 1 (c1 c3)'])
  })

  test('T03 folds an insert and its updates to two rows', async () => {
    await bench.run(
      "INSERT INTO t VALUES (1, 1, 'a', 1)",
      'UPDATE t SET c1 = 2',
      'UPDATE t SET c3 = 2',
    )
    await logs(['insert 1', 'update 1 (c1)', 'update 1 (c3)'], ['insert 1', 'update 1 (c1 c3)'])
    await follows()
  })

  test('T04 folds insert, update and delete to a delete', async () => {
    await bench.run("INSERT INTO t VALUES (1, 1, 'a', 1)", 'UPDATE t SET c1 = 2', 'DELETE FROM t')
    await logs(['insert 1', 'update 1 (c1)', 'delete 1'], ['delete 1'])
    await follows()
  })

  test('T05 folds delete and insert to an insert, which rewrites the row', async () => {
    await bench.run("INSERT INTO t VALUES (1, 1, 'a', 1)")
    await follows()
    await bench.run('DELETE FROM t', 'INSERT INTO t VALUES (1, 1, NULL, 1)')
    await logs(['delete 1', 'insert 1'], ['insert 1'])
    await follows()
    expect(replica.rows.get('1')).toBe('1,1,NULL,1')
  })

  test('T06 follows an insert that is deleted before it was read', async () => {
    await bench.run("INSERT INTO t VALUES (1, 1, 'a', 1)", 'DELETE FROM t')
    await logs(['insert 1', 'delete 1'], ['delete 1'])
    await follows()
  })

  test('T07 logs a changed key as the old one gone and the new one come', async () => {
    await bench.run("INSERT INTO t VALUES (1, 1, 'a', 1)")
    await clearLog(capture)
    await bench.run('UPDATE t SET id = 2, c1 = 5')
    await logs(['delete 1', 'insert 2'])
  })

  test('T08 follows a chain of key changes in one transaction', async () => {
    await bench.run("INSERT INTO t VALUES (1, 1, 'a', 1)")
    await follows()
    await bench.run('START TRANSACTION', 'UPDATE t SET id = 2', 'UPDATE t SET id = 3', 'COMMIT')
    await logs(
      ['delete 1', 'insert 2', 'delete 2', 'insert 3'],
      ['delete 1', 'delete 2', 'insert 3'],
    )
    await follows()
  })

  test('T09 follows keys shifted up and down without losing live rows', async () => {
    await bench.run("INSERT INTO t VALUES (1,1,'a',1), (2,2,'b',2), (3,3,'c',3)")
    await follows()
    await bench.run('UPDATE t SET id = id + 1 ORDER BY id DESC')
    await follows()
    expect([...replica.rows.keys()].sort()).toEqual(['2', '3', '4'])
    await bench.run('UPDATE t SET id = id - 1 ORDER BY id')
    await follows()
    expect([...replica.rows.keys()].sort()).toEqual(['1', '2', '3'])
  })

  test('T10 follows two keys that are swapped in one transaction', async () => {
    await bench.run("INSERT INTO t VALUES (1,1,'a',1), (2,2,'b',2)")
    await follows()
    await bench.run(
      'START TRANSACTION',
      'UPDATE t SET id = -1 WHERE id = 1',
      'UPDATE t SET id = 1 WHERE id = 2',
      'UPDATE t SET id = 2 WHERE id = -1',
      'COMMIT',
    )
    await follows()
    expect(replica.rows.get('1')).toBe('1,2,b,2')
  })

  test('T11 logs nothing when nothing changes', async () => {
    await bench.run("INSERT INTO t VALUES (1, NULL, 'a', 1)")
    await clearLog(capture)
    await bench.run("UPDATE t SET c1 = NULL, c2 = 'a', c3 = 1", 'UPDATE t SET id = id')
    await logs([])
  })

  test('T12 logs a value that turns NULL and back', async () => {
    await bench.run("INSERT INTO t VALUES (1, NULL, 'a', 1)")
    await clearLog(capture)
    await bench.run('UPDATE t SET c1 = 1, c2 = NULL', "UPDATE t SET c1 = NULL, c2 = ''")
    await logs(['update 1 (c1 c2)', 'update 1 (c1 c2)'], ['update 1 (c1 c2)'])
  })

  test('T13 logs a change of case only', async () => {
    await bench.run("INSERT INTO t VALUES (1, 1, 'abc', 1)")
    await clearLog(capture)
    await bench.run("UPDATE t SET c2 = 'ABC'")
    await logs(['update 1 (c2)'])
    await follows()
  })

  test('T14 logs a change of trailing blanks only', async () => {
    await bench.run("INSERT INTO t VALUES (1, 1, 'abc', 1)")
    await clearLog(capture)
    await bench.run("UPDATE t SET c2 = 'abc '")
    await logs(['update 1 (c2)'])
    await follows()
  })

  test('T24 logs statements of ten thousand rows', async () => {
    const values = Array.from({ length: 10_000 }, (_, i) => `(${i}, ${i}, 'x', 0)`).join(',')
    await bench.run(`INSERT INTO t VALUES ${values}`)
    await bench.run('UPDATE t SET c1 = c1 + 1', 'DELETE FROM t WHERE id % 2 = 0')
    // Folded: a delete for each that went, an insert and an update for each that stayed
    expect((await capture.lag()).changes).toBe(log === 'append' ? 25_000 : 15_000)
    await follows()
    expect(replica.rows.size).toBe(5_000)
  })

  test('T25 logs nothing for a duplicate that INSERT IGNORE passes over', async () => {
    await bench.run("INSERT INTO t VALUES (1, 1, 'a', 1)")
    await clearLog(capture)
    await bench.run("INSERT IGNORE INTO t VALUES (1, 9, 'z', 9)")
    await logs([])
  })

  test('T26 logs REPLACE of a row that exists as delete and insert', async () => {
    await bench.run("INSERT INTO t VALUES (1, 1, 'a', 1)")
    await clearLog(capture)
    await bench.run('REPLACE INTO t VALUES (1, 9, NULL, 9)')
    await logs(['delete 1', 'insert 1'], ['insert 1'])
    await follows()
  })

  test('T27 logs INSERT ... ON DUPLICATE KEY UPDATE as what it did', async () => {
    const upsert = "INSERT INTO t VALUES (1, 1, 'a', 1) ON DUPLICATE KEY UPDATE c1 = 7"
    await bench.run(upsert, upsert)
    await logs(['insert 1', 'update 1 (c1)'])
  })

  test('T28 logs LOAD DATA', async () => {
    const application = await bench.connect()
    await bench.run('SET GLOBAL local_infile = 1')
    await application.query({
      sql: "LOAD DATA LOCAL INFILE 'rows' INTO TABLE t FIELDS TERMINATED BY ','",
      infileStreamFactory: () => Readable.from([Buffer.from('1,1,a,1\n2,2,b,2\n')]),
    } as never)
    await logs(['insert 1', 'insert 2'])
    await follows()
  })

  test('T29 leaves nothing of a transaction that is rolled back', async () => {
    await bench.run('START TRANSACTION', "INSERT INTO t VALUES (1, 1, 'a', 1)", 'ROLLBACK')
    await logs([])
  })

  test('T30 leaves nothing of what a savepoint takes back', async () => {
    await bench.run(
      'START TRANSACTION',
      "INSERT INTO t VALUES (1, 1, 'a', 1)",
      'SAVEPOINT s',
      "INSERT INTO t VALUES (2, 2, 'b', 2)",
      'ROLLBACK TO SAVEPOINT s',
      'COMMIT',
    )
    await logs(['insert 1'])
  })

  test('T31 leaves nothing of a statement that fails half-way', async () => {
    await bench.run("INSERT INTO t VALUES (3, 1, 'a', 1)")
    await clearLog(capture)
    const twice = "INSERT INTO t VALUES (1, 1, 'a', 1), (2, 1, 'a', 1), (3, 1, 'a', 1)"
    await expect(bench.run(twice)).rejects.toThrow(/Duplicate/)
    await logs([])
  })

  test('T37 does not disturb what the application learns of its statement', async () => {
    await bench.run('CREATE TABLE a (id INT AUTO_INCREMENT PRIMARY KEY, x INT)')
    await capture.install([await bench.source.describe(`${bench.database}.a`)])
    const [inserted] = await bench.admin.query('INSERT INTO a (x) VALUES (1), (2)')
    expect(inserted).toMatchObject({ affectedRows: 2, insertId: 1 })
    const [updated] = await bench.admin.query('UPDATE a SET x = x + 1')
    expect(updated).toMatchObject({ affectedRows: 2 })
    expect(await bench.ask('SELECT LAST_INSERT_ID()')).toEqual([['1']])
    await clearLog(capture)
  })

  test('T36 logs what a trigger of the application writes into another captured table', async () => {
    await bench.run(
      'CREATE TABLE audit (id INT PRIMARY KEY, x INT)',
      'CREATE TRIGGER theirs AFTER INSERT ON t FOR EACH ROW INSERT INTO audit VALUES (NEW.id, 1)',
      'CREATE TRIGGER before_theirs BEFORE INSERT ON t FOR EACH ROW SET NEW.id = NEW.id + 1000',
    )
    await capture.install([await bench.source.describe(`${bench.database}.audit`)])
    await bench.run("INSERT INTO t VALUES (1, 1, 'a', 1)")
    const changes = await capture.read(10)
    expect(changes.map((change) => `${change.table} ${change.key}`).sort()).toEqual(
      [`${bench.database}.audit 1001`, `${table.name} 1001`].sort(),
    )
    await bench.run('DROP TRIGGER theirs', 'DROP TRIGGER before_theirs')
    await clearLog(capture)
  })

  test('T43 fails the write of a key that does not fit into the log, and cuts nothing off', async () => {
    await bench.run('CREATE TABLE long_key (k VARCHAR(768) PRIMARY KEY, v INT)')
    await capture.install([await bench.source.describe(`${bench.database}.long_key`)])
    await bench.run(`INSERT INTO long_key VALUES ('${'😀'.repeat(750)}', 1)`)
    const tooLong = `INSERT INTO long_key VALUES ('${'😀'.repeat(751)}', 1)`
    await expect(bench.run(tooLong)).rejects.toThrow(/too long/)
    expect(await bench.ask('SELECT COUNT(*) FROM long_key')).toEqual([['1']])
    expect((await capture.read(10)).map(({ key }) => Buffer.from(key).length)).toEqual([3000])
    await clearLog(capture)
  })
})
