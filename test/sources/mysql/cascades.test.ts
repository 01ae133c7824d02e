import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { keyOfRow } from '../../../model/key.ts'
import type { Capture } from '../../../sources/source.ts'
import { generator, randomSchema, randomStatement } from './random-schema.ts'
import { clearLog, logged, LOGS, openBench, shown, type Bench, damaged } from './server.ts'

/** CASCADE_SEEDS asks for more of them. */
const SEEDS = Array.from({ length: Number(process.env['CASCADE_SEEDS'] ?? 4) }, (_, i) => i + 1)

describe.each(LOGS)('cascades on %s, log: %s', (server, log) => {
  let bench: Bench
  let capture: Capture
  let tables: readonly string[]
  let projects = 0

  beforeAll(async () => {
    bench = await openBench(server, log)
  })
  afterAll(async () => bench.close())
  beforeEach(() => {
    capture = bench.source.capture(`cascades${(projects += 1)}`)
  })
  afterEach(async () => {
    expect(await capture.remove()).toEqual([])
    expect(await triggers()).toEqual([])
    await bench.run('SET foreign_key_checks = 0')
    for (const [name] of await bench.ask('SHOW TABLES')) await bench.run(`DROP TABLE ${name ?? ''}`)
    await bench.run('SET foreign_key_checks = 1')
  })

  /** Creates tables, fills them, and captures some of them; the log is empty then. */
  async function given(statements: readonly string[], captured: readonly string[]): Promise<void> {
    await bench.run(...statements)
    tables = captured
    const found = captured.map((name) => bench.source.describe(`${bench.database}.${name}`))
    await capture.install(await Promise.all(found))
    await clearLog(capture)
  }

  const triggers = async (): Promise<string[]> =>
    (
      await bench.ask(
        `SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = '${bench.database}'
         AND TRIGGER_NAME LIKE 'longhaul%' ORDER BY TRIGGER_NAME`,
      )
    ).map(([name]) => name ?? '')

  /** All rows of the captured tables, by table and key. */
  async function rows(): Promise<Map<string, string>> {
    const found = new Map<string, string>()
    for (const name of tables) {
      const table = await bench.source.describe(`${bench.database}.${name}`)
      const key = keyOfRow(table)
      for await (const page of bench.source.rows.range(table, null, null))
        for (const row of page) found.set(`${name} ${key(row)}`, shown(row) ?? '')
    }
    return found
  }

  /** Does the work; tells which rows it changed, and those of them the log does not name. */
  async function changedBy(
    work: () => Promise<void>,
  ): Promise<{ all: string[]; unlogged: string[] }> {
    const before = await rows()
    await work()
    const after = await rows()
    const all = [...new Set([...before.keys(), ...after.keys()])]
      .filter((key) => before.get(key) !== after.get(key))
      .sort()
    const changes = await capture.read(100_000)
    const named = new Set(
      changes.map(({ table, key }) => `${table.slice(bench.database.length + 1)} ${key}`),
    )
    return { all, unlogged: all.filter((key) => !named.has(key)) }
  }

  const seen = (...statements: string[]): Promise<{ all: string[]; unlogged: string[] }> =>
    changedBy(() => bench.run(...statements))

  const LEVELS = [
    'CREATE TABLE country (id INT PRIMARY KEY)',
    `CREATE TABLE city (id INT PRIMARY KEY, country INT,
      FOREIGN KEY (country) REFERENCES country (id) ON DELETE CASCADE)`,
    `CREATE TABLE address (id INT PRIMARY KEY, city INT,
      FOREIGN KEY (city) REFERENCES city (id) ON DELETE CASCADE)`,
    'INSERT INTO country VALUES (1), (2)',
    'INSERT INTO city VALUES (10, 1), (11, 1), (20, 2)',
    'INSERT INTO address VALUES (100, 10), (101, 10), (110, 11), (200, 20)',
  ]

  test('T32 logs what ON DELETE CASCADE deletes two levels down', async () => {
    await given(LEVELS, ['city', 'address'])
    expect(await seen('DELETE FROM country WHERE id = 1')).toEqual({
      all: ['address 100', 'address 101', 'address 110', 'city 10', 'city 11'],
      unlogged: [],
    })
    expect((await logged(capture)).sort()).toEqual(
      ['100', '101', '110', '10', '11'].map((key) => `delete ${key}`).sort(),
    )
  })

  test('T32 logs it when no table above is captured, and of one level', async () => {
    await given(LEVELS, ['address'])
    expect(await seen('DELETE FROM country WHERE id = 1')).toMatchObject({ unlogged: [] })
    expect(await logged(capture)).toHaveLength(3)
    await clearLog(capture)
    expect(await seen('DELETE FROM city')).toEqual({ all: ['address 200'], unlogged: [] })
  })

  test('T32 logs it for REPLACE, multi-table DELETE and a statement of many rows', async () => {
    await given(LEVELS, ['city', 'address'])
    // MySQL 9.7 leaves the children alone, MariaDB deletes them; both run the trigger
    expect((await seen('REPLACE INTO country VALUES (1)')).unlogged).toEqual([])
    expect(await logged(capture)).toHaveLength(5)
    await bench.run(
      'REPLACE INTO city VALUES (10, 1), (11, 1)',
      'REPLACE INTO address VALUES (1, 10)',
    )
    await clearLog(capture)
    const both = 'DELETE country FROM country JOIN city ON city.country = country.id'
    expect((await seen(both)).unlogged).toEqual([])
    expect(await bench.ask('SELECT COUNT(*) FROM address')).toEqual([['0']])
  })

  test('T32 logs an UPDATE that names parent and child', async () => {
    await given(LEVELS, ['city', 'address'])
    const both = `UPDATE city JOIN address ON address.city = city.id
      SET city.country = 2, address.id = address.id + 1000 WHERE city.id = 10`
    expect(await seen(both)).toEqual({
      all: ['address 100', 'address 101', 'address 1100', 'address 1101', 'city 10'],
      unlogged: [],
    })
  })

  test('T39 a foreign key that is added later is noticed, at any level, until the table is captured anew', async () => {
    const loose = LEVELS.map((statement) =>
      statement.replace(/,\s*FOREIGN KEY \(country\).*CASCADE/, ''),
    )
    await given(loose, ['address'])
    expect(await damaged(capture)).toEqual([])
    await bench.run(
      'ALTER TABLE city ADD CONSTRAINT late FOREIGN KEY (country) REFERENCES country (id) ON DELETE CASCADE',
    )
    // The control: this is what would be lost
    expect((await seen('DELETE FROM country WHERE id = 1')).unlogged).toHaveLength(3)
    const { database } = bench
    expect(await damaged(capture)).toEqual([
      `the foreign keys from ${database}.address up to ${database}.country`,
    ])
    await capture.recapture(await bench.source.describe(`${database}.address`))
    expect(await damaged(capture)).toEqual([])
    expect((await seen('DELETE FROM country')).unlogged).toEqual([])
    await bench.run('ALTER TABLE city DROP FOREIGN KEY late')
    expect(await damaged(capture)).toEqual([])
  })

  test('T32 misses those rows without the triggers on the tables above', async () => {
    await given(LEVELS, ['city', 'address'])
    for (const name of await triggers())
      if (/_b[du]\d+$/.test(name)) await bench.run(`DROP TRIGGER ${name}`)
    const { all, unlogged } = await seen('DELETE FROM country WHERE id = 1')
    expect(all).toHaveLength(5)
    expect(unlogged).toEqual(all)
    expect(await damaged(capture)).toHaveLength(3)
    expect(await damaged(capture)).toContain(`${bench.database}.longhaul1_bd1`)
  })

  test('T32 rolls back with the statement that cascaded', async () => {
    await given(LEVELS, ['city', 'address'])
    await bench.run('START TRANSACTION', 'DELETE FROM country', 'ROLLBACK')
    expect(await logged(capture)).toEqual([])
  })

  test('T33 logs rows that ON UPDATE CASCADE renumbers, by their old and new keys', async () => {
    await given(
      [
        'CREATE TABLE a (id INT PRIMARY KEY)',
        `CREATE TABLE b (a INT, n INT, PRIMARY KEY (a, n), UNIQUE (a),
          FOREIGN KEY (a) REFERENCES a (id) ON UPDATE CASCADE)`,
        `CREATE TABLE c (a INT, m VARCHAR(9), PRIMARY KEY (m, a),
          FOREIGN KEY (a) REFERENCES b (a) ON UPDATE CASCADE)`,
        'INSERT INTO a VALUES (1), (2)',
        'INSERT INTO b VALUES (1, 1), (2, 1)',
        "INSERT INTO c VALUES (1, 'x|'), (1, 'y~'), (2, 'x|')",
      ],
      ['b', 'c'],
    )
    expect(await seen('UPDATE a SET id = 7 WHERE id = 1')).toEqual({
      all: ['b 1|1', 'b 7|1', 'c x~1|1', 'c x~1|7', 'c y~0|1', 'c y~0|7'],
      unlogged: [],
    })
    await clearLog(capture)
    expect(
      (await seen('INSERT INTO a VALUES (7) ON DUPLICATE KEY UPDATE id = 9')).unlogged,
    ).toEqual([])
    await clearLog(capture)
    await bench.run('UPDATE a SET id = id')
    expect(await logged(capture)).toEqual([])
  })

  test('T33 logs rows whose key stays as rows to read again, also when only the case of letters changes', async () => {
    await given(
      [
        'CREATE TABLE a (code VARCHAR(9) PRIMARY KEY) COLLATE utf8mb4_general_ci',
        `CREATE TABLE b (id INT PRIMARY KEY, a VARCHAR(9), length INT AS (CHAR_LENGTH(a)) VIRTUAL,
          FOREIGN KEY (a) REFERENCES a (code) ON UPDATE CASCADE) COLLATE utf8mb4_general_ci`,
        "INSERT INTO a VALUES ('x'), ('y')",
        "INSERT INTO b (id, a) VALUES (1, 'X'), (2, 'x'), (3, 'y')",
      ],
      ['b'],
    )
    expect(await seen("UPDATE a SET code = 'long' WHERE code = 'x'")).toEqual({
      all: ['b 1', 'b 2'],
      unlogged: [],
    })
    expect(await logged(capture)).toEqual(['refresh 1', 'refresh 2'])
    expect((await seen("UPDATE a SET code = 'LONG' WHERE code = 'long'")).unlogged).toEqual([])
  })

  test('T34 logs SET NULL of a deleted and of a renumbered row, and what follows from it', async () => {
    await given(
      [
        'CREATE TABLE a (id INT PRIMARY KEY)',
        `CREATE TABLE b (id INT PRIMARY KEY, a INT, UNIQUE (a),
          FOREIGN KEY (a) REFERENCES a (id) ON DELETE SET NULL ON UPDATE SET NULL)`,
        `CREATE TABLE c (id INT PRIMARY KEY, a INT,
          FOREIGN KEY (a) REFERENCES b (a) ON UPDATE CASCADE)`,
        'INSERT INTO a VALUES (1), (2), (3)',
        'INSERT INTO b VALUES (1, 1), (2, 2), (3, 3)',
        'INSERT INTO c VALUES (1, 1), (2, 2), (3, 3)',
      ],
      ['b', 'c'],
    )
    expect(await seen('DELETE FROM a WHERE id = 1')).toEqual({ all: ['b 1', 'c 1'], unlogged: [] })
    expect((await logged(capture)).sort()).toEqual(['refresh 1', 'refresh 1'])
    await clearLog(capture)
    expect(await seen('UPDATE a SET id = 9 WHERE id = 2')).toEqual({
      all: ['b 2', 'c 2'],
      unlogged: [],
    })
  })

  const TREE = [
    'CREATE TABLE forest (id INT PRIMARY KEY)',
    `CREATE TABLE tree (id INT PRIMARY KEY, up INT, forest INT,
      FOREIGN KEY (up) REFERENCES tree (id) ON DELETE CASCADE,
      FOREIGN KEY (forest) REFERENCES forest (id) ON DELETE CASCADE)`,
    `CREATE TABLE leaf (id INT PRIMARY KEY, tree INT,
      FOREIGN KEY (tree) REFERENCES tree (id) ON DELETE CASCADE)`,
    'INSERT INTO forest VALUES (1), (2)',
    'INSERT INTO tree VALUES (1, NULL, 1), (2, 1, NULL), (3, 2, NULL), (4, 3, NULL), (5, 4, NULL), (6, 1, 2), (7, NULL, 2)',
    'INSERT INTO leaf VALUES (10, 1), (50, 5), (60, 6), (70, 7)',
  ]

  test('T35 logs a table that deletes its own rows, to the last level and below', async () => {
    await given(TREE, ['tree', 'leaf'])
    expect(await seen('DELETE FROM tree WHERE id = 2')).toEqual({
      all: ['leaf 50', 'tree 2', 'tree 3', 'tree 4', 'tree 5'],
      unlogged: [],
    })
    await clearLog(capture)
    expect(await seen('DELETE FROM forest WHERE id = 1')).toEqual({
      all: ['leaf 10', 'leaf 60', 'tree 1', 'tree 6'],
      unlogged: [],
    })
  })

  test('T35 ends when rows point at each other', async () => {
    await given(
      [
        `CREATE TABLE tree (id INT PRIMARY KEY, up INT,
          FOREIGN KEY (up) REFERENCES tree (id) ON DELETE CASCADE)`,
        'INSERT INTO tree VALUES (1, NULL), (2, 1), (3, 2), (4, 3), (5, NULL)',
        'UPDATE tree SET up = 4 WHERE id = 1',
      ],
      ['tree'],
    )
    expect(await seen('DELETE FROM tree WHERE id = 3')).toEqual({
      all: ['tree 1', 'tree 2', 'tree 3', 'tree 4'],
      unlogged: [],
    })
  })

  test('T35 logs a table that sets NULL in its own rows', async () => {
    await given(
      [
        `CREATE TABLE person (id INT PRIMARY KEY, boss INT,
          FOREIGN KEY (boss) REFERENCES person (id) ON DELETE SET NULL)`,
        'INSERT INTO person VALUES (1, NULL), (2, 1), (3, 2), (4, 1)',
      ],
      ['person'],
    )
    expect(await seen('DELETE FROM person WHERE id = 1')).toEqual({
      all: ['person 1', 'person 2', 'person 4'],
      unlogged: [],
    })
  })

  test('logs a child that was committed after the snapshot of the transaction that deletes', async () => {
    await given(LEVELS, ['city', 'address'])
    const slow = await bench.connect()
    await slow.query('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ')
    await slow.query('START TRANSACTION WITH CONSISTENT SNAPSHOT')
    await slow.query('SELECT * FROM address')
    await bench.run('INSERT INTO address VALUES (102, 10)')
    await clearLog(capture)
    const { all, unlogged } = await changedBy(async () => {
      await slow.query('DELETE FROM country WHERE id = 1')
      await slow.query('COMMIT')
    })
    expect(all).toContain('address 102')
    expect(unlogged).toEqual([])
  })

  test('logs a child that was committed while the statement that deletes was waiting', async () => {
    await given(LEVELS, ['city', 'address'])
    const [other, slow] = [await bench.connect(), await bench.connect()]
    await other.query('START TRANSACTION')
    await other.query('INSERT INTO city VALUES (12, 1)')
    await slow.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED')
    const { all, unlogged } = await changedBy(async () => {
      // The count opens the statement's snapshot; then it waits for the row of the country
      const deleting = slow.query(
        'DELETE FROM country WHERE id = 1 AND (SELECT COUNT(*) FROM address) > 0',
      )
      await sleep(500)
      await other.query('COMMIT')
      await deleting
    })
    expect(all).toContain('city 10')
    expect(unlogged).toEqual([])
    expect(await logged(capture)).toContain('delete 12')
  })

  test('keeps no writer waiting for numbers: a transaction beside a cascade that waits is not taken back', async () => {
    await given(
      [
        'CREATE TABLE p (id INT PRIMARY KEY, v INT)',
        'CREATE TABLE c (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES p (id) ON DELETE CASCADE)',
        'INSERT INTO p VALUES (1, 0), (2, 0), (3, 0)',
        'INSERT INTO c VALUES (1, 1), (2, 2)',
      ],
      ['p', 'c'],
    )
    const [other, slow] = [await bench.connect(), await bench.connect()]
    await other.query('START TRANSACTION')
    await other.query('INSERT INTO p VALUES (4, 0)')
    await other.query('UPDATE p SET v = 1 WHERE id = 1')
    const deleting = slow.query('DELETE FROM p WHERE id IN (1, 2) ORDER BY id DESC')
    await sleep(500) // now it has logged what hangs on 2, and waits for 1
    // MariaDB said 1467 here, with an INSERT ... SELECT in the trigger, and took the whole transaction back
    await other.query('UPDATE p SET v = 1 WHERE id = 3')
    await other.query('COMMIT')
    await deleting
    expect(await bench.ask('SELECT id, v FROM p ORDER BY id')).toEqual([
      ['3', '1'],
      ['4', '0'],
    ])
  })

  test('follows a parent in another database, by a unique key of several columns', async () => {
    const other = `${bench.database}_other`
    await bench.run(
      `CREATE DATABASE ${other}`,
      `CREATE TABLE ${other}.p (id INT PRIMARY KEY, a INT NOT NULL, b VARBINARY(4) NOT NULL, UNIQUE (a, b))`,
      `INSERT INTO ${other}.p VALUES (1, 1, 'x'), (2, 1, 'y')`,
    )
    await given(
      [
        `CREATE TABLE c (a INT, b VARBINARY(4), PRIMARY KEY (b, a),
          FOREIGN KEY (a, b) REFERENCES ${other}.p (a, b) ON DELETE CASCADE ON UPDATE CASCADE)`,
        "INSERT INTO c VALUES (1, 'x'), (1, 'y')",
      ],
      ['c'],
    )
    expect((await seen(`UPDATE ${other}.p SET b = 'zz' WHERE id = 1`)).unlogged).toEqual([])
    expect(await logged(capture)).toEqual(['delete 78|1', 'insert 7A7A|1'])
    await clearLog(capture)
    expect((await seen(`DELETE FROM ${other}.p`)).unlogged).toEqual([])
    expect(await capture.remove()).toEqual([])
    await bench.run('DROP TABLE c', `DROP DATABASE ${other}`)
    await bench.run('CREATE TABLE c (id INT PRIMARY KEY)')
  })

  test('T92 finds its triggers on parents when their catalog is lost', async () => {
    await given(LEVELS, ['address'])
    await bench.run(`DROP DATABASE ${bench.schema}`)
    await expect(bench.run('DELETE FROM country')).rejects.toThrow()
    expect(await triggers()).toHaveLength(5)
    expect(await capture.remove()).toEqual([])
    await bench.run('DELETE FROM country')
    expect(await triggers()).toEqual([])
  })

  test.each(SEEDS)(
    'names every changed row of a random schema under random statements: seed %i',
    async (seed) => {
      const next = generator(seed)
      await given(randomSchema(next), ['t0', 't1', 't2', 't3', 't4'])
      for (let i = 0; i < 25; i++) {
        const { unlogged } = await seen(randomStatement(next)).catch((error: unknown) => {
          // RESTRICT, or a key that is taken: nothing was changed
          expect(String(error)).toMatch(/foreign key constraint|Duplicate entry/)
          return { unlogged: [] }
        })
        expect(unlogged).toEqual([])
        await clearLog(capture)
      }
    },
  )
})
