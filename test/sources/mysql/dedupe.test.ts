import type { Connection } from 'mysql2/promise'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Change } from '../../../model/change.ts'
import type { TableSchema } from '../../../model/table.ts'
import type { Capture } from '../../../sources/source.ts'
import { clearLog, logged, openBench, Replica, SERVERS, shown, type Bench } from './server.ts'

describe.each(SERVERS)('log: dedupe on %s', (server) => {
  let bench: Bench
  let table: TableSchema
  let capture: Capture
  const open: Connection[] = []

  beforeAll(async () => {
    bench = await openBench(server, 'dedupe')
    await bench.run('CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT)')
    table = await bench.source.describe(`${bench.database}.t`)
    capture = bench.source.capture('dedupe')
    await capture.install([table])
  })
  afterAll(async () => bench.close())
  beforeEach(async () => {
    await bench.run('DELETE FROM t')
    await clearLog(capture)
  })
  afterEach(async () => {
    for (const one of open.splice(0)) await one.query('ROLLBACK')
  })

  const logTable = (): string => `${bench.schema}.longhaul_log`
  const rows = (count: number): Promise<void> =>
    bench.run(
      `INSERT INTO t VALUES ${Array.from({ length: count }, (_, i) => `(${i}, 0, 0)`).join(',')}`,
    )

  /** A transaction that has done this and has not ended. */
  async function begun(...statements: string[]): Promise<Connection> {
    const writer = await bench.connect()
    open.push(writer)
    await writer.query('START TRANSACTION')
    for (const statement of statements) await writer.query(statement)
    return writer
  }

  async function seen(): Promise<{ token: number; changes: readonly Change[] }> {
    const token = await capture.token('test')
    return { token, changes: await capture.read(10_000) }
  }

  test('keeps one row for all updates of a key, and gives it a fresh number each time', async () => {
    await rows(1)
    await clearLog(capture)
    const numbers: bigint[] = []
    for (let i = 1; i <= 5; i++) {
      await bench.run(`UPDATE t SET a = ${i}`)
      const changes = await capture.read(10)
      expect(changes).toHaveLength(1)
      numbers.push(...changes.map(({ seq }) => seq))
    }
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => (a < b ? -1 : 1)))
  })

  test('T44 keeps an update of the same column that comes between the read and the acknowledgement', async () => {
    await rows(1)
    await clearLog(capture)
    await bench.run('UPDATE t SET a = 1')
    const { token, changes } = await seen()
    await bench.run('UPDATE t SET a = 2')
    expect(await capture.acknowledge(token, changes)).toBe(true)
    expect(await logged(capture)).toEqual(['update 0 (a)'])
  })

  test('T44 keeps a deletion, and an insert again, of a row whose insert was read', async () => {
    await rows(1)
    for (const [statement, kind] of [
      ['DELETE FROM t', 'delete 0'],
      ['INSERT INTO t VALUES (0, 1, 1)', 'insert 0'],
    ] as const) {
      const { token, changes } = await seen()
      await bench.run(statement)
      expect(await capture.acknowledge(token, changes)).toBe(true)
      expect(await logged(capture)).toEqual([kind])
    }
  })

  test('T45 would lose that update if it acknowledged by key, which is why it does not', async () => {
    await rows(1)
    await clearLog(capture)
    await bench.run('UPDATE t SET a = 1')
    const image = (await bench.source.rows.matching(table, ['0'])).get('0')
    const [read] = await bench.ask(`SELECT HEX(key_hash), slot FROM ${logTable()}`)
    await bench.run('UPDATE t SET a = 2')
    await bench.run(
      `DELETE FROM ${logTable()} WHERE key_hash = X'${read?.[0]}' AND slot = ${read?.[1]}`,
    )
    expect(await logged(capture)).toEqual([])
    const now = (await bench.source.rows.matching(table, ['0'])).get('0')
    expect(shown(now)).not.toBe(shown(image))
  })

  test('never has more than two rows for a key while eight writers hammer twenty', async () => {
    await rows(20)
    await clearLog(capture)
    const state = { writing: true }
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      const application = await bench.connect()
      await application.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED')
      for (let i = 0; i < 100; i++) {
        const id = (Math.floor(i / 4) + writer * 3) % 20
        const statement = [
          `UPDATE t SET a = a + 1, b = ${writer} WHERE id = ${id}`,
          `DELETE FROM t WHERE id = ${id}`,
          `INSERT INTO t VALUES (${id}, ${i}, ${writer}) ON DUPLICATE KEY UPDATE a = ${i}`,
          `INSERT IGNORE INTO t VALUES (${id}, ${i}, NULL)`,
        ][i % 4]
        // Inserts and deletes of the same keys deadlock in the table itself, without any trigger too
        await application.query(statement ?? '').catch(unlessDeadlock)
      }
    })
    const written = Promise.all(writers).finally(() => (state.writing = false))
    let most = 0
    const look = async (): Promise<void> => {
      const found = await bench.ask(
        `SELECT MAX(n) FROM (SELECT COUNT(*) AS n FROM ${logTable()} GROUP BY key_field) counted`,
      )
      most = Math.max(most, Number(found[0]?.[0]))
    }
    while (state.writing) await look()
    await written
    await look()
    expect(most).toBe(2)
    expect((await capture.lag()).changes).toBeLessThanOrEqual(40)
    const replica = new Replica(bench.source, capture, table)
    await replica.drain()
    expect(replica.rows).toEqual(await replica.expected())
  })

  test('T56 passes over a log row that a writer holds, without waiting, and finds it later', async () => {
    await rows(3)
    const { token, changes } = await seen()
    expect(changes).toHaveLength(3)
    const writer = await begun('DELETE FROM t WHERE id = 1')
    const began = performance.now()
    expect(await capture.acknowledge(token, changes)).toBe(true)
    expect(performance.now() - began).toBeLessThan(100)
    expect(await logged(capture)).toEqual(['insert 1'])
    await writer.query('COMMIT')
    expect(await logged(capture)).toEqual(['delete 1'])
  })

  test('T56 a writer that takes its change back leaves the row to the next batch', async () => {
    await rows(2)
    const { token, changes } = await seen()
    const writer = await begun('DELETE FROM t WHERE id = 1')
    expect(await capture.acknowledge(token, changes)).toBe(true)
    await writer.query('ROLLBACK')
    expect(await logged(capture)).toEqual(['insert 1'])
    const next = await seen()
    expect(await capture.acknowledge(next.token, next.changes)).toBe(true)
    expect(await logged(capture)).toEqual([])
  })

  test('T56 would wait for that writer without SKIP LOCKED', async () => {
    await rows(1)
    await begun('DELETE FROM t WHERE id = 0')
    const consumer = await bench.connect()
    await consumer.query('SET SESSION innodb_lock_wait_timeout = 1')
    const locking = `SELECT ver FROM ${logTable()} FORCE INDEX (PRIMARY) FOR UPDATE`
    await expect(consumer.query(locking)).rejects.toThrow(/Lock wait timeout/)
  })

  test('acknowledges in several transactions, each under the lease', async () => {
    await rows(120)
    const { token, changes } = await seen()
    const statements = async (): Promise<number> => {
      const [row] = await bench.ask("SHOW GLOBAL STATUS LIKE 'Com_commit'")
      return Number(row?.[1])
    }
    const before = await statements()
    expect(await capture.acknowledge(token, changes)).toBe(true)
    expect((await statements()) - before).toBeGreaterThanOrEqual(3)
    expect(await logged(capture)).toEqual([])
  })

  test('leaves what is not acknowledged yet to the next when it is overtaken half-way', async () => {
    await rows(60)
    const { token, changes } = await seen()
    expect(await capture.acknowledge(token, changes.slice(0, 10))).toBe(true)
    await capture.token('other')
    expect(await capture.acknowledge(token, changes)).toBe(false)
    expect(await logged(capture)).toHaveLength(50)
  })

  test('T54 eight writers meet a deadlock in fewer than 0.1% of transactions at READ COMMITTED', async () => {
    await rows(40)
    const each = 250
    const state = { writing: true, deadlocks: 0 }
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      const application = await bench.connect()
      await application.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED')
      for (let i = 0; i < each; i++) {
        const ids = [...new Set([(i * 3) % 40, (i * 7 + writer) % 40, (i * 11) % 40])]
        try {
          await application.query('START TRANSACTION')
          for (const id of ids.sort((a, b) => a - b))
            await application.query(
              i % 5 === writer % 5
                ? `DELETE FROM t WHERE id = ${id}`
                : i % 5 === (writer + 1) % 5
                  ? `INSERT INTO t VALUES (${id}, ${i}, 0) ON DUPLICATE KEY UPDATE b = ${i}`
                  : `UPDATE t SET a = a + 1 WHERE id = ${id}`,
            )
          await application.query('COMMIT')
        } catch (error) {
          unlessDeadlock(error)
          state.deadlocks += 1
          await application.query('ROLLBACK')
        }
      }
    })
    const written = Promise.all(writers).finally(() => (state.writing = false))
    const replica = new Replica(bench.source, capture, table)
    let batches = 0
    while (state.writing) {
      const { token, changes } = await seen()
      await capture.acknowledge(token, changes)
      batches += 1
    }
    await written
    expect(batches).toBeGreaterThan(5)
    expect(state.deadlocks / (8 * each)).toBeLessThan(0.001)
    await capture.enqueue(
      table.name,
      Array.from({ length: 40 }, (_, i) => String(i)),
    )
    await replica.drain()
    expect(replica.rows).toEqual(await replica.expected())
  })

  test('compacts nothing, because nothing is left to fold', async () => {
    await rows(10)
    await bench.run('UPDATE t SET a = 1', 'UPDATE t SET b = 1')
    const before = await capture.read(100)
    expect(await capture.compact(await capture.token('test'), 100)).toEqual({
      before: 20,
      after: 20,
    })
    expect(await capture.read(100)).toEqual(before)
  })

  test('enqueues over what is logged, each key with a number of its own', async () => {
    await rows(200)
    await bench.run('DELETE FROM t WHERE id < 100')
    const keys = Array.from({ length: 200 }, (_, i) => String(i))
    const old = new Set((await capture.read(1_000)).map(({ seq }) => seq))
    await capture.enqueue(table.name, keys)
    const changes = await capture.read(1_000)
    expect(changes.map(({ kind }) => kind)).toEqual(keys.map(() => 'refresh'))
    expect(changes.map(({ key }) => key).sort()).toEqual(keys.sort())
    expect(new Set(changes.map(({ seq }) => seq)).size).toBe(200)
    expect(changes.filter(({ seq }) => old.has(seq))).toEqual([])
    await clearLog(capture)
    expect((await capture.lag()).changes).toBe(0)
  })

  /** A target of a reader of its own, which writes the values of an insert over what is there, and clears the row first only when re_field says so. */
  async function trusting(): Promise<Map<string, string>> {
    const cells = new Map([
      ['a', '1'],
      ['b', '1'],
    ])
    for (const [type, re] of await bench.ask(
      `SELECT type_field, re_field FROM ${logTable()} ORDER BY ver`,
    )) {
      const [row] = await bench.ask('SELECT a, b FROM t WHERE id = 0')
      if (type === 'D' || re === '1') cells.clear()
      for (const [i, name] of ['a', 'b'].entries()) {
        const value = row?.[i]
        if (type === 'N' && typeof value === 'string') cells.set(name, value)
      }
    }
    return cells
  }

  test('T05 says in re_field that an inserted row was deleted before', async () => {
    await bench.run('INSERT INTO t VALUES (0, 1, 1)')
    expect(await bench.ask(`SELECT type_field, re_field FROM ${logTable()}`)).toEqual([['N', '0']])
    await clearLog(capture)
    await bench.run('DELETE FROM t', 'INSERT INTO t VALUES (0, 2, NULL)')
    expect(await bench.ask(`SELECT type_field, re_field FROM ${logTable()}`)).toEqual([['N', '1']])
    expect(await trusting()).toEqual(new Map([['a', '2']]))
  })

  test('T05 would leave a value behind without re_field, for who trusts in it', async () => {
    await bench.run('INSERT INTO t VALUES (0, 1, 1)')
    await clearLog(capture)
    await bench.run('DELETE FROM t', 'INSERT INTO t VALUES (0, 2, NULL)')
    await bench.run(`UPDATE ${logTable()} SET re_field = 0`)
    expect(await trusting()).toEqual(
      new Map([
        ['a', '2'],
        ['b', '1'],
      ]),
    )
  })

  test('T37 gives the application neither warnings nor other numbers', async () => {
    await bench.run('CREATE TABLE n (id INT AUTO_INCREMENT PRIMARY KEY, x INT)')
    await capture.install([await bench.source.describe(`${bench.database}.n`)])
    const application = await bench.connect()
    const says = async (sql: string): Promise<unknown> => {
      const [result] = await application.query(sql)
      const { affectedRows, insertId, warningStatus } = result as unknown as Record<string, number>
      return [affectedRows, insertId, warningStatus]
    }
    expect(await says('INSERT INTO n (x) VALUES (1), (2)')).toEqual([2, 1, 0])
    expect(await says('UPDATE n SET x = x + 1')).toEqual([2, 0, 0])
    expect(await says('UPDATE n SET x = x + 1, id = id + 10 ORDER BY id DESC')).toEqual([2, 0, 0])
    expect(await says('DELETE FROM n')).toEqual([2, 0, 0])
    const [last] = await application.query({ sql: 'SELECT LAST_INSERT_ID()', rowsAsArray: true })
    expect(last).toEqual([[1]])
  })

  test('takes a log row that was written by hand, with whatever digest', async () => {
    await bench.run(
      `INSERT INTO ${logTable()} (source_id, key_hash, slot, type_field, key_field, time_field)
       SELECT source_id, REPEAT('x', 32), 7, 'U', X'FF00', UTC_TIMESTAMP(6) FROM ${bench.schema}.longhaul_source LIMIT 1`,
    )
    const { token, changes } = await seen()
    expect(changes.map(({ key }) => key)).toEqual(['~xff00'])
    expect(await capture.acknowledge(token, changes)).toBe(true)
    expect(await capture.read(1)).toEqual([])
  })
})

describe.each(SERVERS)('the way the log is kept on %s', (server) => {
  let bench: Bench
  let table: TableSchema
  beforeAll(async () => {
    bench = await openBench(server)
    await bench.run('CREATE TABLE t (id INT PRIMARY KEY, a INT)')
    table = await bench.source.describe(`${bench.database}.t`)
  })
  afterAll(async () => bench.close())

  test.each([
    ['append', 'dedupe'],
    ['dedupe', 'append'],
  ] as const)('cannot be turned from %s to %s while projects use it', async (kept, wanted) => {
    const before = (await bench.open({ log: kept })).capture('shop')
    await before.install([table])
    const source = await bench.open({ log: wanted })
    const after = source.capture('shop')
    const refusal = {
      code: 'LOG_MODE',
      detail:
        `${bench.schema}.longhaul_log is kept as log: ${kept}, the connections file says log: ${wanted}. ` +
        `Say log: ${kept} there, or release the projects that use it first: shop`,
    }
    await expect(after.install([table])).rejects.toMatchObject(refusal)
    await expect(source.capture('another').install([table])).rejects.toMatchObject(refusal)
    await expect(after.token('x')).rejects.toMatchObject(refusal)
    await expect(after.read(1)).rejects.toMatchObject(refusal)
    expect(await source.check([table])).toContainEqual(
      expect.objectContaining({ code: 'LOG_MODE', text: refusal.detail, blocks: true }),
    )

    // What was captured goes on as it was, and can be released by either
    await bench.run('REPLACE INTO t VALUES (1, 1)')
    expect(await before.read(10)).not.toEqual([])
    expect(await after.remove()).toEqual([])
    await after.install([table])
    await bench.run('REPLACE INTO t VALUES (1, 1)')
    expect(await after.read(10)).not.toEqual([])
    expect(await after.remove()).toEqual([])
  })

  test('says which rights on the log the account of the triggers needs', async () => {
    const user = `fold_${bench.schema.slice(9)}`.slice(0, 32)
    await bench.run(
      `CREATE USER '${user}'@'%' IDENTIFIED BY 'fold-password-1'`,
      `GRANT SELECT, TRIGGER ON ${bench.database}.* TO '${user}'@'%'`,
      `GRANT INSERT ON ${bench.schema}.* TO '${user}'@'%'`,
    )
    const lacks = async (log: string): Promise<(string | undefined)[]> => {
      const source = await bench.open({ log, definer: `${user}@%` })
      const found = await source.check([table])
      return found
        .filter(({ code }) => code === 'PRIVILEGE_MISSING')
        .map(({ text }) => /GRANT (\w+) ON/.exec(text)?.[1])
    }
    expect(await lacks('append')).toEqual([])
    expect(await lacks('dedupe')).toEqual(['SELECT', 'UPDATE', 'DELETE'])
    await bench.run(`GRANT SELECT, UPDATE, DELETE ON ${bench.schema}.* TO '${user}'@'%'`)
    expect(await lacks('dedupe')).toEqual([])
    const capture = (await bench.open({ log: 'dedupe', definer: `${user}@%` })).capture('definer')
    await capture.install([table])
    await bench.run('REPLACE INTO t VALUES (2, 2)', 'UPDATE t SET a = 3', 'DELETE FROM t')
    expect(await logged(capture)).not.toEqual([])
    expect(await capture.remove()).toEqual([])
    await bench.run(`DROP USER '${user}'@'%'`)
  })
})

function unlessDeadlock(error: unknown): void {
  if ((error as { errno?: number }).errno !== 1213) throw error
}
