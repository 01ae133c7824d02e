import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ColumnKind } from '../../../model/table.ts'
import type { Capture } from '../../../sources/source.ts'
import { clearLog, openBench, SERVERS, shown, type Bench, type ServerName } from './server.ts'

interface TypeCase {
  readonly type: string
  readonly kind: ColumnKind
  /** A literal and the canonical text it must be read as; bytes of a binary column are shown in hex. */
  readonly values: readonly (readonly [literal: string, canonical: string])[]
  readonly only?: ServerName
}

const big = '9'.repeat(35)
const fraction = '123456789'.repeat(3) + '123'

/** The type table of capture.md 5 with its edge values. */
const TYPES: readonly TypeCase[] = [
  {
    type: 'TINYINT',
    kind: 'integer',
    values: [
      ['-128', '-128'],
      ['127', '127'],
    ],
  },
  {
    type: 'TINYINT(1)',
    kind: 'integer',
    values: [
      ['2', '2'],
      ['TRUE', '1'],
    ],
  },
  { type: 'SMALLINT UNSIGNED', kind: 'integer', values: [['65535', '65535']] },
  { type: 'MEDIUMINT', kind: 'integer', values: [['-8388608', '-8388608']] },
  {
    type: 'INT',
    kind: 'integer',
    values: [
      ['2147483647', '2147483647'],
      ['0', '0'],
    ],
  },
  {
    type: 'INT(6) UNSIGNED ZEROFILL',
    kind: 'integer',
    values: [
      ['42', '42'],
      ['0', '0'],
    ],
  },
  {
    type: 'BIGINT',
    kind: 'integer',
    values: [
      ['9007199254740993', '9007199254740993'],
      ['-9223372036854775808', '-9223372036854775808'],
    ],
  },
  {
    type: 'BIGINT UNSIGNED',
    kind: 'integer',
    values: [['18446744073709551615', '18446744073709551615']],
  },
  {
    type: 'DECIMAL(65,30)',
    kind: 'decimal',
    values: [
      [`${big}.${fraction}`, `${big}.${fraction}`],
      ['-0.0000000001', '-0.000000000100000000000000000000'],
    ],
  },
  {
    type: 'DECIMAL(38,20)',
    kind: 'decimal',
    values: [
      ['123456789012345678.01234567890123456789', '123456789012345678.01234567890123456789'],
    ],
  },
  { type: 'DECIMAL(10,0)', kind: 'decimal', values: [['-5', '-5']] },
  { type: 'DECIMAL(6,2) ZEROFILL', kind: 'decimal', values: [['1.5', '1.50']] },
  {
    type: 'FLOAT',
    kind: 'float',
    values: [
      ['16777217', '16777216'],
      ['0.1', '0.1'],
      ['3.4028234e38', '3.4028235e+38'],
      ['-1.17549435e-38', '-1.1754944e-38'],
      ['1e-44', '1e-44'],
      ['123456.789', '123456.79'],
      ['0', '0'],
    ],
  },
  {
    type: 'DOUBLE',
    kind: 'double',
    values: [
      ['0.1', '0.1'],
      ['1.7976931348623157e308', '1.7976931348623157e+308'],
      ['5e-324', '5e-324'],
      ['123456789012345678', '123456789012345680'],
      ['-0e0', '0'],
      ['1e15', '1000000000000000'],
    ],
  },
  {
    type: 'BIT(1)',
    kind: 'bits',
    values: [
      ["b'1'", '1'],
      ["b'0'", '0'],
    ],
  },
  { type: 'BIT(12)', kind: 'bits', values: [["b'001000000001'", '513']] },
  { type: 'BIT(64)', kind: 'bits', values: [['18446744073709551615', '18446744073709551615']] },
  {
    type: 'YEAR',
    kind: 'year',
    values: [
      ['0', '0000'],
      ['1901', '1901'],
      ['2155', '2155'],
    ],
  },
  {
    type: 'DATE',
    kind: 'date',
    values: [
      ["'0000-00-00'", '0000-00-00'],
      ["'2024-02-30'", '2024-02-30'],
      ["'9999-12-31'", '9999-12-31'],
    ],
  },
  {
    type: 'DATETIME(6)',
    kind: 'datetime',
    values: [
      ["'0000-00-00'", '0000-00-00 00:00:00.000000'],
      ["'9999-12-31 23:59:59.999999'", '9999-12-31 23:59:59.999999'],
      ["'2024-03-10 02:30:00'", '2024-03-10 02:30:00.000000'],
    ],
  },
  { type: 'DATETIME', kind: 'datetime', values: [["'0001-01-01'", '0001-01-01 00:00:00']] },
  {
    type: 'TIMESTAMP(6)',
    kind: 'timestamp',
    values: [
      ["'0000-00-00'", '0000-00-00 00:00:00.000000Z'],
      ["'2024-03-10 02:30:00.000001'", '2024-03-10 02:30:00.000001Z'],
      ["'2038-01-19 03:14:07'", '2038-01-19 03:14:07.000000Z'],
    ],
  },
  {
    type: 'TIMESTAMP',
    kind: 'timestamp',
    values: [["'1970-01-01 00:00:01'", '1970-01-01 00:00:01Z']],
  },
  {
    type: 'TIME(6)',
    kind: 'time',
    values: [
      ["'-838:59:59'", '-838:59:59.000000'],
      ["'-00:00:00.000001'", '-00:00:00.000001'],
      ["'12:00:00.5'", '12:00:00.500000'],
    ],
  },
  { type: 'TIME', kind: 'time', values: [["'838:59:59'", '838:59:59']] },
  {
    type: 'CHAR(10)',
    kind: 'text',
    values: [
      ["'a  '", 'a'],
      ["''", ''],
    ],
  },
  {
    type: 'VARCHAR(100)',
    kind: 'text',
    values: [
      ["'a '", 'a '],
      ["''", ''],
      ["'x\\0y'", 'x\0y'],
      ["'中文😀'", '中文😀'],
      ["'e\u0301'", 'e\u0301'],
    ],
  },
  { type: 'VARCHAR(100) CHARACTER SET latin1', kind: 'text', values: [["'ä€'", 'ä€']] },
  { type: 'TEXT CHARACTER SET gbk', kind: 'text', values: [["'中文'", '中文']] },
  { type: 'LONGTEXT CHARACTER SET ucs2', kind: 'text', values: [["'中é'", '中é']] },
  { type: 'TINYTEXT', kind: 'text', values: [["'~|'", '~|']] },
  { type: 'BINARY(4)', kind: 'bytes', values: [["'ab'", '61620000']] },
  {
    type: 'VARBINARY(10)',
    kind: 'bytes',
    values: [
      ["X'00FF'", '00ff'],
      ["''", ''],
    ],
  },
  {
    type: 'LONGBLOB',
    kind: 'bytes',
    values: [
      ["X'0080FF7C7E'", '0080ff7c7e'],
      ["''", ''],
    ],
  },
  {
    type: "ENUM('a','B c','')",
    kind: 'enum',
    values: [
      ["'B c'", 'B c'],
      ["''", ''],
    ],
  },
  {
    type: "SET('x','y','z')",
    kind: 'set',
    values: [
      ["'z,x'", 'x,z'],
      ["''", ''],
    ],
  },
  {
    type: `SET(${Array.from({ length: 64 }, (_, i) => `'m${i}'`).join()})`,
    kind: 'set',
    values: [
      ["'m63,m0'", 'm0,m63'],
      ["'m62'", 'm62'],
    ],
  },
  { type: "ENUM('ä','€') CHARACTER SET latin1", kind: 'enum', values: [["'€'", '€']] },
  {
    type: 'POINT',
    kind: 'geometry',
    values: [
      ["ST_GeomFromText('POINT(1 2)')", 'SRID=0;0101000000000000000000F03F0000000000000040'],
    ],
  },
  {
    type: 'JSON',
    kind: 'json',
    only: 'mysql',
    values: [
      ['\'{"b":1,"a":18446744073709551615}\'', '{"a": 18446744073709551615, "b": 1}'],
      ["'null'", 'null'],
      ['\'"中😀"\'', '"中😀"'],
    ],
  },
  {
    type: 'JSON',
    kind: 'text',
    only: 'mariadb',
    values: [
      ['\'{"b":1,"a":18446744073709551615,"b":2}\'', '{"b":1,"a":18446744073709551615,"b":2}'],
    ],
  },
  {
    type: 'UUID',
    kind: 'uuid',
    only: 'mariadb',
    values: [["'123E4567-E89B-12D3-A456-426655440000'", '123e4567-e89b-12d3-a456-426655440000']],
  },
  { type: 'INET4', kind: 'text', only: 'mariadb', values: [["'10.0.0.1'", '10.0.0.1']] },
  {
    type: 'INET6',
    kind: 'text',
    only: 'mariadb',
    values: [["'2001:db8:0:0::ff'", '2001:db8::ff']],
  },
  { type: 'VECTOR(3)', kind: 'unsupported', only: 'mysql', values: [] },
]

describe.each(SERVERS)('types of %s', (server) => {
  let bench: Bench
  let capture: Capture

  beforeAll(async () => {
    bench = await openBench(server)
    capture = bench.source.capture('types')
    await bench.run(
      "SET sql_mode = 'ALLOW_INVALID_DATES,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00'",
    )
  })
  afterAll(async () => bench.close())

  const cases = TYPES.filter(({ only }) => only === undefined || only === server).map(
    (one, i) => [one.type, `v${i}`, one] as const,
  )

  test.each(cases)('T85 reads %s as canonical text', async (type, name, { kind, values }) => {
    await bench.run(`CREATE TABLE ${name} (id INT PRIMARY KEY, v ${type} NULL DEFAULT NULL)`)
    const table = await bench.source.describe(`${bench.database}.${name}`)
    expect(table.columns[1]).toMatchObject({ name: 'v', kind, nullable: true })
    if (kind === 'unsupported') return

    await bench.run(`INSERT INTO ${name} (id) VALUES (0)`)
    for (const [i, [literal]] of values.entries())
      await bench.run(`INSERT INTO ${name} VALUES (${i + 1}, ${literal})`)
    const read: (string | null)[] = []
    for await (const page of bench.source.rows.range(table, null, null))
      for (const [, value] of page)
        read.push(
          value == null ? null : Buffer.from(value).toString(kind === 'bytes' ? 'hex' : 'utf8'),
        )
    expect(read).toEqual([null, ...values.map(([, canonical]) => canonical)])
  })

  test.each(cases.filter(([, , { values }]) => values.length > 0))(
    'T85 T12 logs a change of %s, from and to NULL and to the same value',
    async (type, before, { values }) => {
      const name = `l${before}`
      await bench.run(`CREATE TABLE ${name} (id INT PRIMARY KEY, v ${type} NULL DEFAULT NULL)`)
      await capture.install([await bench.source.describe(`${bench.database}.${name}`)])
      await bench.run(`INSERT INTO ${name} (id) VALUES (1)`)
      await clearLog(capture)
      let changes = 0
      for (const [literal] of values) {
        await bench.run(`UPDATE ${name} SET v = ${literal}`, `UPDATE ${name} SET v = v`)
        changes++
      }
      await bench.run(`UPDATE ${name} SET v = NULL`)
      const log = await capture.read(100)
      expect(log.map(({ columns }) => [...(columns ?? [])])).toEqual(
        Array.from({ length: changes + 1 }, () => ['v']),
      )
    },
  )

  test('T86 tells NULL, an empty text and a blank apart', async () => {
    await bench.run(
      'CREATE TABLE t86 (id INT PRIMARY KEY, a VARCHAR(5), b VARBINARY(5), c TEXT)',
      "INSERT INTO t86 VALUES (1, NULL, NULL, NULL), (2, '', '', ''), (3, ' ', ' ', ' ')",
    )
    const table = await bench.source.describe(`${bench.database}.t86`)
    const rows = await bench.source.rows.matching(table, ['1', '2', '3'])
    expect(['1', '2', '3'].map((key) => shown(rows.get(key)))).toEqual([
      '1,NULL,NULL,NULL',
      '2,,,',
      '3, , , ',
    ])
  })

  test('reads every float as the shortest text that is it', async () => {
    const floats = new Float32Array(2_000)
    new Uint32Array(floats.buffer).forEach((_, i, bits) => (bits[i] = (i * 2_147_483 + 1) >>> 0))
    const values = [...floats].filter(
      (value) => Number.isFinite(value) && Math.abs(value) > 1e-37 && Math.abs(value) < 3e38,
    )
    const rows = values.map(
      (value, i) => `(${i}, ${value.toExponential(16)}, ${value.toExponential(16)})`,
    )
    await bench.run(
      'CREATE TABLE f (id INT PRIMARY KEY, f FLOAT, d DOUBLE)',
      `INSERT INTO f VALUES ${rows.join()}`,
    )
    const table = await bench.source.describe(`${bench.database}.f`)
    let checked = 0
    for await (const page of bench.source.rows.range(table, null, null))
      for (const row of page) {
        const [, float = '', double = ''] = (shown(row) ?? '').split(',')
        expect([Math.fround(Number(float)), Number(double)]).toEqual([
          values[checked],
          values[checked],
        ])
        checked++
      }
    expect(checked).toBe(values.length)
  })
})
