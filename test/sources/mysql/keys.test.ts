import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keyOfRow } from '../../../model/key.ts'
import type { TableSchema } from '../../../model/table.ts'
import type { KeyText, Row } from '../../../model/value.ts'
import type { Capture } from '../../../sources/source.ts'
import { clearLog, logged, openBench, Replica, SERVERS, shown, type Bench } from './server.ts'

/** What a column may be in a key, and values that are hard to get right. */
const KEYS: readonly (readonly [type: string, values: readonly string[], only?: string])[] = [
  ['TINYINT', ['-128', '0', '127']],
  ['INT(8) UNSIGNED ZEROFILL', ['0', '42', '4294967295']],
  ['BIGINT', ['-9223372036854775808', '-1', '9223372036854775807']],
  ['BIGINT UNSIGNED', ['0', '18446744073709551615']],
  ['DECIMAL(38,10)', ['-0.0000000001', '0', '1234567890123456789012345678.0123456789']],
  ['DECIMAL(10,0)', ['-5', '0', '5000000000']],
  ['DECIMAL(8,2) UNSIGNED ZEROFILL', ['0', '1.5', '999999.99']],
  ['BIT(1)', ["b'0'", "b'1'"]],
  ['BIT(64)', ['0', '9223372036854775808', '18446744073709551615']],
  ['YEAR', ['0', '1901', '2155']],
  ['DATE', ["'0000-00-00'", "'1000-01-01'", "'2024-02-30'", "'9999-12-31'"]],
  ['DATETIME(6)', ["'0000-00-00'", "'2024-03-10 02:30:00.000001'", "'9999-12-31 23:59:59.999999'"]],
  ['DATETIME', ["'2024-03-10 02:30:00'"]],
  ['TIMESTAMP(6)', ["'0000-00-00'", "'1970-01-01 00:00:01'", "'2038-01-19 03:14:07.999999'"]],
  ['TIMESTAMP', ["'0000-00-00'", "'2024-03-10 02:30:00'"]],
  ['TIME(3)', ["'-838:59:59'", "'-00:00:00.001'", "'00:00:00'", "'838:59:59'"]],
  ['CHAR(10)', ["''", "'a'", "' a'", "'|~'"]],
  ['VARCHAR(60)', ["''", "'a|b~c:d'", "'~0~1~n'", "'中文😀'", "'x\\0y\\nz'", "'%_'", "'\\\\'"]],
  ['VARCHAR(60) CHARACTER SET latin1', ["'äöüß€'", "'a'"]],
  ['VARCHAR(60) CHARACTER SET latin1 COLLATE latin1_german1_ci', ["'é|'", "'z'"]],
  ['VARCHAR(60) CHARACTER SET utf8mb3', ["'中'", "'a'"]],
  ['VARCHAR(60) CHARACTER SET gbk', ["'中文'", "'a'"]],
  ['VARCHAR(60) CHARACTER SET ucs2', ["'中文'", "'a'"]],
  ['VARCHAR(60) COLLATE utf8mb4_bin', ["'a'", "'A'", "'á'"]],
  ['VARCHAR(255)', [`'${'😀'.repeat(255)}'`]],
  ['BINARY(4)', ["X'00FF0102'", "'ab'"]],
  ['VARBINARY(40)', ["''", "X'00'", "X'FF7C7E00'", "'a'", "'a '"]],
  ['UUID', ["'123E4567-E89B-12D3-A456-426655440000'"], 'mariadb'],
  ['INET6', ["'::1'", "'2001:db8::ff'", "'::ffff:1.2.3.4'"], 'mariadb'],
]

describe.each(SERVERS)('keys on %s', (server) => {
  let bench: Bench
  let capture: Capture

  beforeAll(async () => {
    bench = await openBench(server)
    capture = bench.source.capture('keys')
    // Zero dates and invalid dates are in old tables, whatever today's mode says
    await bench.run(
      "SET sql_mode = 'ALLOW_INVALID_DATES,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00'",
    )
  })
  afterAll(async () => bench.close())

  async function captured(name: string, definition: string): Promise<TableSchema> {
    await bench.run(`CREATE TABLE ${name} (${definition})`)
    const table = await bench.source.describe(`${bench.database}.${name}`)
    await capture.install([table])
    await clearLog(capture)
    return table
  }

  async function all(table: TableSchema): Promise<Row[]> {
    const rows: Row[] = []
    for await (const page of bench.source.rows.range(table, null, null)) rows.push(...page)
    return rows
  }

  const keysOf = async (table: TableSchema): Promise<KeyText[]> =>
    (await all(table)).map(keyOfRow(table))

  test.each(
    KEYS.filter(([, , only]) => only === undefined || only === server).map(
      ([type, values]) => [type, values] as const,
    ),
  )(
    'T17 T18 T21 T22 T23 the trigger writes the key of a %s as the reader does, and finds the row by it',
    async (type, values) => {
      const name = `k${KEYS.findIndex(([known]) => known === type)}`
      const table = await captured(name, `k ${type} NOT NULL, v INT, PRIMARY KEY (k)`)
      await bench.run(
        `INSERT INTO ${name} VALUES ${values.map((v, i) => `(${v}, ${i})`).join(',')}`,
      )

      const keys = await keysOf(table)
      expect(keys).toHaveLength(values.length)
      const logKeys = (await capture.read(100)).map(({ key }) => key)
      expect([...logKeys].sort()).toEqual([...keys].sort())
      expect([...(await bench.source.rows.matching(table, keys)).keys()].sort()).toEqual(
        [...keys].sort(),
      )
      expect(await bench.source.rows.existing(table, keys)).toEqual(new Set(keys))

      // Each key divides the table into what comes up to it and what comes after it
      for (const [i, key] of keys.entries()) {
        const before = await collect(bench, table, null, key)
        const behind = await collect(bench, table, key, null)
        expect([before, behind]).toEqual([keys.slice(0, i + 1), keys.slice(i + 1)])
      }
    },
  )

  test('T15 takes a key whose case changed for another key, under a collation that does not', async () => {
    const table = await captured(
      't15',
      'k VARCHAR(20) COLLATE utf8mb4_general_ci PRIMARY KEY, v INT',
    )
    const replica = new Replica(bench.source, capture, table)
    await bench.run("INSERT INTO t15 VALUES ('abc', 1)")
    await replica.drain()
    await bench.run("UPDATE t15 SET k = 'ABC'")
    expect(await logged(capture)).toEqual(['delete abc', 'insert ABC'])
    expect([...(await bench.source.rows.matching(table, ['abc', 'ABC'])).keys()]).toEqual(['ABC'])
    expect(await bench.source.rows.existing(table, ['abc'])).toEqual(new Set())
    await replica.drain()
    expect([...replica.rows.keys()]).toEqual(['ABC'])
  })

  test.each([
    ['accents', 'utf8mb4_unicode_ci', 'resume', 'résumé'],
    ['width', 'utf8mb4_unicode_ci', 'ab', 'ａｂ'],
    ['trailing blanks', 'utf8mb4_general_ci', 'a', 'a '],
  ])('T16 tells keys apart by %s, which the collation does not', async (what, collation, a, b) => {
    const name = `t16${what.slice(0, 1)}`
    const table = await captured(name, `k VARCHAR(20) COLLATE ${collation} PRIMARY KEY, v INT`)
    const replica = new Replica(bench.source, capture, table)
    await bench.run(`INSERT INTO ${name} VALUES ('${a}', 1)`)
    await replica.drain()
    await bench.run(`UPDATE ${name} SET k = '${b}'`)
    expect(await logged(capture)).toEqual([`delete ${a}`, `insert ${b}`])
    await replica.drain()
    expect([...replica.rows.keys()]).toEqual([b])
  })

  test('T17 writes the same key in every time zone', async () => {
    const table = await captured(
      't17',
      'a INT, b VARCHAR(20), c TIMESTAMP(3) DEFAULT CURRENT_TIMESTAMP(3), v INT, PRIMARY KEY (a, b, c)',
    )
    const application = await bench.connect()
    await application.query("SET time_zone = '+08:00'")
    await application.query("INSERT INTO t17 VALUES (1, 'x', '2024-03-09 10:11:12.5', 1)")
    await application.query("SET time_zone = '-05:00'")
    await application.query('UPDATE t17 SET v = 2')
    const key = '1|x|1709950272.500'
    expect(await logged(capture)).toEqual([`insert ${key}`, `update ${key} (v)`])
    expect(shown((await bench.source.rows.matching(table, [key])).get(key))).toBe(
      '1,x,2024-03-09 02:11:12.500Z,2',
    )
  })

  test('T18 keeps composite keys apart that would join to the same text', async () => {
    const table = await captured('t18', 'a VARCHAR(20), b VARCHAR(20), PRIMARY KEY (a, b)')
    await bench.run("INSERT INTO t18 VALUES ('a|b', 'c'), ('a', 'b|c'), ('~', '0'), ('', '~0')")
    const keys = ['a~1b|c', 'a|b~1c', '~0|0', '|~00']
    expect((await capture.read(10)).map(({ key }) => key)).toEqual(keys)
    expect([...(await bench.source.rows.matching(table, keys)).keys()]).toEqual(keys)
  })

  test('T19 holds a key of 255 four-byte characters', async () => {
    await captured('t19', 'k VARCHAR(255) PRIMARY KEY')
    await bench.run(`INSERT INTO t19 VALUES ('${'😀'.repeat(255)}')`)
    const [change] = await capture.read(1)
    expect(Buffer.from(change?.key ?? '')).toHaveLength(1020)
  })

  test('T20 tells which of 130 columns changed', async () => {
    const columns = Array.from({ length: 130 }, (_, i) => `c${i} ${i % 2 ? 'VARCHAR(9)' : 'INT'}`)
    const table = await captured('t20', `id INT PRIMARY KEY, ${columns.join(', ')}`)
    await bench.run('INSERT INTO t20 (id) VALUES (1)')
    await clearLog(capture)
    // The key is the first column, so c0 has bit 1
    await bench.run('UPDATE t20 SET c0 = 1, c60 = 1, c61 = 1, c122 = 1, c123 = 1, c129 = 1')
    expect(await logged(capture)).toEqual(['update 1 (c0 c60 c61 c122 c123 c129)'])
    expect(table.columns).toHaveLength(131)
  })

  test('T20 widens the log for a table of 400 columns while others are captured', async () => {
    const columns = Array.from({ length: 400 }, (_, i) => `c${i} INT`)
    await captured('t20w', `id INT PRIMARY KEY, ${columns.join(', ')}`)
    await bench.run('INSERT INTO t20w (id) VALUES (1)')
    await clearLog(capture)
    await bench.run('UPDATE t20w SET c0 = 1, c399 = 1')
    expect(await logged(capture)).toEqual(['update 1 (c0 c399)'])
  })

  test('refuses a key text that its column cannot have', async () => {
    const table = await captured('bad', 'a INT, b VARBINARY(9), c DATETIME, PRIMARY KEY (a, b, c)')
    const good = '1|AB|2024-01-01 00:00:00'
    expect(await bench.source.rows.existing(table, [good])).toEqual(new Set())
    for (const key of ['1', '1|AB', '1 OR 1=1|AB|x', '1|AB|2024~n', '~n|AB|2024', "1|xy'|2024", ''])
      await expect(bench.source.rows.matching(table, [key])).rejects.toMatchObject({
        code: 'LOG_KEY_UNREADABLE',
      })
  })
})

async function collect(
  bench: Bench,
  table: TableSchema,
  from: KeyText | null,
  to: KeyText | null,
): Promise<KeyText[]> {
  const keys: KeyText[] = []
  for await (const page of bench.source.rows.range(table, from, to))
    keys.push(...Array.from(page, keyOfRow(table)))
  return keys
}
