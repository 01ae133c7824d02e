import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keyOfRow } from '../../../model/key.ts'
import type { TableSchema } from '../../../model/table.ts'
import type { KeyText } from '../../../model/value.ts'
import { openBench, SERVERS, shown, type Bench } from './server.ts'

describe.each(SERVERS)('rows of %s', (server) => {
  let bench: Bench

  beforeAll(async () => {
    bench = await openBench(server)
    await bench.run(
      'CREATE TABLE n (i INT PRIMARY KEY)',
      'INSERT INTO n SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d FROM ' +
        ['a', 'b', 'c', 'e'].map((alias) => `(${DIGITS}) ${alias}`).join(', '),
    )
  })
  afterAll(async () => bench.close())

  async function made(name: string, ...statements: string[]): Promise<TableSchema> {
    await bench.run(...statements)
    return bench.source.describe(`${bench.database}.${name}`)
  }

  async function keys(
    table: TableSchema,
    from: KeyText | null = null,
    to: KeyText | null = null,
  ): Promise<KeyText[]> {
    const found: KeyText[] = []
    for await (const page of bench.source.rows.range(table, from, to))
      found.push(...Array.from(page, keyOfRow(table)))
    return found
  }

  test.each([
    ['skewed numbers', 'k BIGINT PRIMARY KEY', 'i * i * i * 1000 - 5'],
    ['texts', 'k VARCHAR(60) COLLATE utf8mb4_unicode_ci PRIMARY KEY', "CONCAT('ä', HEX(i * 7919))"],
    ['binary', 'k VARBINARY(32) PRIMARY KEY', 'UNHEX(SHA2(i, 256))'],
    ['moments', 'k TIMESTAMP(3) PRIMARY KEY', "TIMESTAMP('2020-01-01') + INTERVAL i HOUR"],
  ])('T69 covers every row of a table exactly once by ranges of %s', async (what, key, value) => {
    const name = `t69_${what.slice(0, 2)}`
    const table = await made(
      name,
      `CREATE TABLE ${name} (${key}, v INT)`,
      `INSERT INTO ${name} SELECT ${value}, i FROM n`,
    )
    await coversOnce(table, 10_000)
  })

  test('T69 covers every row exactly once by a composite, skewed key', async () => {
    const table = await made(
      't69c',
      'CREATE TABLE t69c (a INT, b VARCHAR(20), c DATETIME(2), v INT, PRIMARY KEY (b, a, c))',
      `INSERT INTO t69c SELECT i % 3, IF(i < 9000, 'most', CONCAT('x|', i % 50)), TIMESTAMP('2020-01-01') + INTERVAL i SECOND, i FROM n`,
    )
    await coversOnce(table, 10_000)
  })

  async function coversOnce(table: TableSchema, rows: number): Promise<void> {
    const all = await keys(table)
    expect(new Set(all).size).toBe(rows)
    const ends = await bench.source.rows.boundaries(table, null, 777, 1_000)
    expect(ends).toEqual(all.filter((_, i) => i % 777 === 776))
    const parts: KeyText[] = []
    for (const [i, to] of [...ends, null].entries())
      parts.push(...(await keys(table, i === 0 ? null : (ends[i - 1] ?? null), to)))
    expect(parts).toEqual(all)
    expect(await bench.source.rows.boundaries(table, ends[1] ?? null, 777, 2)).toEqual(
      ends.slice(2, 4),
    )
  }

  test('T70 reads an empty table and a table of one row', async () => {
    const table = await made('t70', 'CREATE TABLE t70 (id INT PRIMARY KEY, a INT)')
    expect(await keys(table)).toEqual([])
    expect(await bench.source.rows.boundaries(table, null, 10, 5)).toEqual([])
    await bench.run('INSERT INTO t70 VALUES (1, 1)')
    expect(await keys(table)).toEqual(['1'])
    expect(await bench.source.rows.boundaries(table, null, 10, 5)).toEqual([])
    expect(await keys(table, '1')).toEqual([])
    expect(await keys(table, null, '1')).toEqual(['1'])
  })

  test('T70 takes the smallest unique key of whole NOT NULL columns where there is no primary key', async () => {
    const table = await made(
      't70u',
      `CREATE TABLE t70u (a INT NULL UNIQUE, b VARCHAR(20) NOT NULL, c INT NOT NULL, d INT NOT NULL,
        UNIQUE KEY wide (b), UNIQUE KEY short (d, c), UNIQUE KEY part (b(5)))`,
    )
    expect(table.key).toEqual(['d', 'c'])
    await bench.run("INSERT INTO t70u VALUES (NULL, 'x', 1, 2), (NULL, 'y', 2, 1)")
    expect(await keys(table)).toEqual(['1|2', '2|1'])
  })

  test('T70 finds no key where none is usable', async () => {
    const table = await made(
      't70n',
      'CREATE TABLE t70n (a INT NULL UNIQUE, b VARCHAR(20) NOT NULL, UNIQUE KEY part (b(5)))',
    )
    expect(table.key).toEqual([])
    await expect(keys(table)).rejects.toMatchObject({ code: 'KEY_MISSING' })
  })

  test('finds rows by many keys at once, and only those', async () => {
    const table = await made(
      'm',
      'CREATE TABLE m (a INT, b INT, PRIMARY KEY (a, b))',
      'INSERT INTO m SELECT i, i FROM n',
    )
    const asked = Array.from({ length: 3_000 }, (_, i) => `${i * 4}|${i * 4}`)
    const found = await bench.source.rows.matching(table, [...asked, '1|2'])
    expect(found.size).toBe(2_500)
    expect(shown(found.get('9996|9996'))).toBe('9996,9996')
    expect((await bench.source.rows.existing(table, asked)).size).toBe(2_500)
    expect((await bench.source.rows.matching(table, [])).size).toBe(0)
  })

  test('uses the index of the key for ranges and for many keys', async () => {
    const table = await made(
      'e',
      "CREATE TABLE e (a VARCHAR(20) CHARACTER SET latin1, b INT, x CHAR(100) DEFAULT 'x', PRIMARY KEY (a, b))",
      'INSERT INTO e (a, b) SELECT CONCAT(i % 100), i FROM n',
      'ANALYZE TABLE e',
    )
    const reads = async (work: () => Promise<unknown>): Promise<number> => {
      const status = "SHOW GLOBAL STATUS LIKE 'Handler_read_rnd_next'"
      const before = Number((await bench.ask(status))[0]?.[1])
      await work()
      return Number((await bench.ask(status))[0]?.[1]) - before
    }
    const asked = Array.from({ length: 500 }, (_, i) => `${i % 100}|${i}`)
    expect(await reads(() => bench.source.rows.matching(table, asked))).toBeLessThan(5_000)
    expect(await reads(() => keys(table, '50|50', '52|9952'))).toBeLessThan(5_000)
  })

  test('estimates the rows of a table', async () => {
    const table = await bench.source.describe(`${bench.database}.n`)
    await bench.run('ANALYZE TABLE n')
    const estimate = await bench.source.rows.estimate(table)
    expect(estimate).toBeGreaterThan(5_000)
    expect(estimate).toBeLessThan(20_000)
  })

  test('reads wide rows in small pages', async () => {
    const table = await made(
      'w',
      'CREATE TABLE w (id INT PRIMARY KEY, b LONGBLOB)',
      "INSERT INTO w SELECT i, REPEAT('x', 500000) FROM n WHERE i < 40",
    )
    const pages: number[] = []
    for await (const page of bench.source.rows.range(table, null, null)) pages.push(page.length)
    expect(pages.reduce((sum, rows) => sum + rows, 0)).toBe(40)
    expect(Math.max(...pages)).toBeLessThanOrEqual(20)
  })

  test('stops when it is told to', async () => {
    const table = await bench.source.describe(`${bench.database}.n`)
    const abort = new AbortController()
    const read = async (): Promise<void> => {
      for await (const page of bench.source.rows.range(table, null, null, {
        signal: abort.signal,
      })) {
        expect(page.length).toBeGreaterThan(0)
        abort.abort(new Error('enough'))
      }
    }
    await expect(read()).rejects.toThrow('enough')
  })

  test('describes columns and foreign keys, and says what is not there', async () => {
    const table = await made(
      'child',
      'CREATE TABLE parent (a INT, b INT, PRIMARY KEY (a, b))',
      `CREATE TABLE child (id BIGINT UNSIGNED PRIMARY KEY, pa INT, pb INT NOT NULL, t LONGTEXT,
        CONSTRAINT fk FOREIGN KEY (pa, pb) REFERENCES parent (a, b) ON UPDATE CASCADE)`,
    )
    expect(table.foreignKeys).toEqual([
      {
        name: 'fk',
        columns: ['pa', 'pb'],
        references: `${bench.database}.parent`,
        onDelete: expect.stringMatching(/RESTRICT|NO ACTION/) as string,
        onUpdate: 'CASCADE',
      },
    ])
    expect(
      table.columns.map(({ name, kind, nullable, large }) => [name, kind, nullable, large]),
    ).toEqual([
      ['id', 'integer', false, false],
      ['pa', 'integer', true, false],
      ['pb', 'integer', false, false],
      ['t', 'text', true, true],
    ])
    const absent = (name: string) => bench.source.describe(name)
    await expect(absent(`${bench.database}.nope`)).rejects.toMatchObject({ code: 'TABLE_UNKNOWN' })
    await expect(absent('nowhere.t')).rejects.toMatchObject({ code: 'DATABASE_UNKNOWN' })
    await expect(absent('t')).rejects.toMatchObject({ code: 'DATABASE_UNKNOWN' })
  })

  test('says what is wrong with a table or a column that went away', async () => {
    const table = await made('gone', 'CREATE TABLE gone (id INT PRIMARY KEY, a INT)')
    await bench.run('ALTER TABLE gone DROP COLUMN a')
    await expect(keys(table)).rejects.toMatchObject({ code: 'COLUMN_UNKNOWN' })
    await bench.run('DROP TABLE gone')
    await expect(keys(table)).rejects.toMatchObject({ code: 'TABLE_UNKNOWN' })
  })
})

const DIGITS = Array.from({ length: 10 }, (_, d) => `SELECT ${d} d`).join(' UNION ALL ')
