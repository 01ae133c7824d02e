import { setTimeout as sleep } from 'node:timers/promises'
import type { Connection } from 'mysql2/promise'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { TableSchema } from '../../../model/table.ts'
import type { Capture } from '../../../sources/source.ts'
import { clearLog, LOGS, openBench, Replica, type Bench } from './server.ts'

/**
 * MySQL 9.7 answers OK to a statement whose cascade met a deadlock or waited too long: the transaction is gone, or half
 * of the cascade is there. What a server does here is its own affair; the log must hold whatever came of it.
 */
describe.each(LOGS)('cascades that fail half-way on %s, log: %s', (server, log) => {
  let bench: Bench
  let capture: Capture
  let table: TableSchema
  let replica: Replica
  let one: Connection
  let other: Connection

  beforeAll(async () => {
    bench = await openBench(server, log)
    ;[one, other] = [await bench.connect(), await bench.connect()]
    for (const connection of [one, other])
      await connection.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED')
  })
  afterAll(() => bench.close())

  const begin = async (rule: string): Promise<void> => {
    await bench.run(
      'CREATE TABLE p (id INT PRIMARY KEY, x INT)',
      `CREATE TABLE c (k INT PRIMARY KEY, ref INT, x INT,
         FOREIGN KEY (ref) REFERENCES p (id) ON UPDATE ${rule} ON DELETE ${rule})`,
      'CREATE TABLE weight (id INT PRIMARY KEY, x INT)',
      'INSERT INTO p VALUES (1, 0), (2, 0)',
      'INSERT INTO c VALUES (10, 1, 0), (11, 1, 0), (20, 2, 0)',
      `INSERT INTO weight VALUES ${Array.from({ length: 50 }, (_, i) => `(${i}, 0)`).join()}`,
    )
    table = await bench.source.describe(`${bench.database}.c`)
    capture = bench.source.capture('half')
    await capture.install([table])
    await bench.run('UPDATE c SET x = 7')
    replica = new Replica(bench.source, capture, table)
    await replica.drain()
    await clearLog(capture)
  }
  afterEach(async () => {
    for (const connection of [one, other]) await connection.query('ROLLBACK')
    await capture.remove()
    await bench.run('DROP TABLE IF EXISTS c, p, weight')
  })

  const answerOf = (statement: Promise<unknown>): Promise<number> =>
    statement.then(
      () => 0,
      (error: unknown) => (error as { errno: number }).errno,
    )

  const agrees = async (): Promise<void> => {
    await replica.drain()
    expect(replica.rows).toEqual(await replica.expected())
  }

  const CASES = [
    ['CASCADE', 'UPDATE p SET id = 100 WHERE id = 1'],
    ['CASCADE', 'DELETE FROM p WHERE id = 1'],
    ['SET NULL', 'UPDATE p SET id = 100 WHERE id = 1'],
    ['SET NULL', 'DELETE FROM p WHERE id = 1'],
  ] as const

  test.each(CASES)('%s, a lock that is waited for too long: %s', async (rule, statement) => {
    await begin(rule)
    await one.query('BEGIN; UPDATE c SET x = 1 WHERE k = 11')
    await other.query('SET innodb_lock_wait_timeout = 1')
    expect([0, 1205]).toContain(await answerOf(other.query(statement)))
    await one.query('ROLLBACK')
    await agrees()
  })

  test.each(CASES)('%s, a deadlock: %s', async (rule, statement) => {
    await begin(rule)
    // The lighter transaction is the one that is taken back
    await one.query('BEGIN; UPDATE weight SET x = 1; UPDATE c SET x = 1 WHERE k = 11')
    await other.query(
      'SET innodb_lock_wait_timeout = 20; BEGIN; UPDATE p SET x = 5 WHERE id = 2; UPDATE c SET x = 9 WHERE k = 20',
    )
    const answer = answerOf(other.query(statement))
    await sleep(300)
    expect(await answerOf(one.query('UPDATE p SET x = 6 WHERE id = 2'))).toBe(0)
    expect([0, 1213]).toContain(await answer)
    // The application has not been told: it goes on, outside of any transaction
    await other.query('UPDATE c SET x = 4 WHERE k = 20; COMMIT')
    await one.query('COMMIT')
    await agrees()
  })
})
