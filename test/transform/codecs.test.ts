import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Column } from '../../model/table.ts'
import { startReader, type JavaReader, type Library } from '../../services/index.ts'
import { codecs } from '../../transform/codecs/index.ts'
import { alike } from './alike.ts'
import { sizeOf } from '../../sources/mysql/sizes.ts'
import { kindOf } from '../../sources/mysql/types.ts'

/** A column of a MySQL type. */
const column = (native: string): Column => ({
  name: 'c',
  kind: kindOf(/^\w+/.exec(native)?.[0] ?? ''),
  native,
  nullable: true,
  large: false,
  ...sizeOf(native),
})

const cellOf = (library: Library, native: string, text: string): Uint8Array | null => {
  const layout = codecs[library].layout(column(native))
  if (layout === null) throw new Error(`${library} has no layout for ${native}`)
  const value = Buffer.from(text)
  return layout.encode === undefined ? value : layout.encode(value)
}

const nameOf = (library: Library, native: string): string | undefined =>
  codecs[library].layout(column(native))?.name

/** A type, how each codec lays it out, and values as their canonical text: the edges and what is around them. */
interface Typed {
  readonly type: string
  readonly bytes: string | null
  readonly phoenix: string | null
  readonly values: readonly string[]
}

const around = (...numbers: bigint[]): string[] =>
  numbers.flatMap((number) => [-1n, 0n, 1n].map((by) => String(number + by)))
const range = (least: bigint, most: bigint): string[] =>
  [
    ...new Set([
      ...around(
        least + 1n,
        0n,
        255n,
        65_536n,
        2n ** 31n,
        2n ** 32n,
        10n ** 15n,
        10n ** 16n,
        most - 1n,
      ),
    ]),
  ].filter((text) => BigInt(text) >= least && BigInt(text) <= most)
const signed = (bits: bigint): string[] => range(-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n)
const unsigned = (bits: bigint): string[] => range(0n, 2n ** bits - 1n)

const TYPES: readonly Typed[] = [
  { type: 'tinyint', bytes: 'short', phoenix: 'TINYINT', values: signed(8n) },
  { type: 'tinyint(1)', bytes: 'short', phoenix: 'TINYINT', values: ['0', '1', '2', '-1'] },
  { type: 'tinyint unsigned', bytes: 'short', phoenix: 'UNSIGNED_SMALLINT', values: unsigned(8n) },
  { type: 'smallint', bytes: 'short', phoenix: 'SMALLINT', values: signed(16n) },
  { type: 'smallint unsigned', bytes: 'int', phoenix: 'UNSIGNED_INT', values: unsigned(16n) },
  { type: 'mediumint', bytes: 'int', phoenix: 'INTEGER', values: signed(24n) },
  { type: 'mediumint unsigned', bytes: 'int', phoenix: 'UNSIGNED_INT', values: unsigned(24n) },
  { type: 'int', bytes: 'int', phoenix: 'INTEGER', values: signed(32n) },
  {
    type: 'int(10) unsigned zerofill',
    bytes: 'long',
    phoenix: 'UNSIGNED_LONG',
    values: unsigned(32n),
  },
  { type: 'bigint', bytes: 'long', phoenix: 'BIGINT', values: signed(64n) },
  { type: 'bigint(20) unsigned', bytes: null, phoenix: 'DECIMAL', values: unsigned(64n) },
  { type: 'bit(1)', bytes: 'boolean', phoenix: 'BOOLEAN', values: ['0', '1'] },
  { type: 'bit(15)', bytes: 'short', phoenix: 'UNSIGNED_SMALLINT', values: unsigned(15n) },
  { type: 'bit(16)', bytes: 'int', phoenix: 'UNSIGNED_INT', values: unsigned(16n) },
  { type: 'bit(63)', bytes: 'long', phoenix: 'UNSIGNED_LONG', values: unsigned(63n) },
  { type: 'bit(64)', bytes: null, phoenix: 'DECIMAL', values: unsigned(64n) },
  { type: 'year', bytes: 'short', phoenix: 'UNSIGNED_SMALLINT', values: ['0000', '1901', '2155'] },
  {
    type: 'decimal(38,20)',
    bytes: 'BigDecimal',
    phoenix: 'DECIMAL',
    values: [
      ...[
        '0.00000000000000000000',
        '19.90',
        '-12.3',
        '1',
        '-1',
        '10',
        '-100',
        '0.10',
        '-0.01',
        '99.99',
      ],
      ...['123456789012345678.01234567890123456789', '-999999999999999999.99999999999999999999'],
      ...[
        '0.00000000000000000001',
        '-0.00000000000000000010',
        '100000000000000000.00000000000000000000',
      ],
    ],
  },
  {
    type: 'decimal(38,0)',
    bytes: 'BigDecimal',
    phoenix: 'DECIMAL',
    values: [
      '9'.repeat(38),
      `-${'9'.repeat(38)}`,
      '127',
      '128',
      '-128',
      '-129',
      '32768',
      `1${'0'.repeat(37)}`,
    ],
  },
  {
    type: 'decimal(38,37)',
    bytes: 'BigDecimal',
    phoenix: 'DECIMAL',
    values: [`9.${'9'.repeat(37)}`, `-1.${'2'.repeat(37)}`, `-0.${'0'.repeat(36)}1`],
  },
  {
    type: 'decimal(65,30)',
    bytes: 'BigDecimal',
    phoenix: null,
    values: [`${'9'.repeat(35)}.${'9'.repeat(30)}`, `-${'1'.repeat(35)}.${'5'.repeat(30)}`],
  },
  {
    type: 'float',
    bytes: 'float',
    phoenix: 'FLOAT',
    values: ['0', '0.1', '-0.1', '16777216', '3.4028235e+38', '-1.1754944e-38', '1e-44', '-1e-45'],
  },
  {
    type: 'double',
    bytes: 'double',
    phoenix: 'DOUBLE',
    values: [
      '0',
      '0.1',
      '-0.1',
      '1.7976931348623157e+308',
      '5e-324',
      '-5e-324',
      '1e+300',
      '-4503599627370496',
    ],
  },
  {
    type: 'date',
    bytes: 'String',
    phoenix: 'DATE',
    values: [
      '0001-01-01',
      '0017-08-12',
      '1500-02-28',
      '1582-10-04',
      '1582-10-15',
      '1969-12-31',
      '1970-01-01',
      '2000-02-29',
      '2024-03-09',
      '9999-12-31',
    ],
  },
  {
    type: 'datetime(6)',
    bytes: 'String',
    phoenix: 'TIMESTAMP',
    values: [
      '0001-01-01 16:16:16.123456',
      '1582-10-04 23:59:59.999999',
      '1969-12-31 23:59:59.999999',
      '2024-03-31 02:30:00.000001',
      '9999-12-31 23:59:59.999999',
    ],
  },
  { type: 'datetime', bytes: 'String', phoenix: 'TIMESTAMP', values: ['2024-03-09 10:11:12'] },
  {
    type: 'timestamp(2)',
    bytes: 'String',
    phoenix: 'TIMESTAMP',
    values: ['1970-01-01 00:00:01.50Z', '2038-01-19 03:14:07.99Z'],
  },
  {
    type: 'time(6)',
    bytes: 'String',
    phoenix: 'VARCHAR',
    values: ['-838:59:59.000000', '12:30:00.500000'],
  },
  {
    type: 'varchar(20)',
    bytes: 'String',
    phoenix: 'VARCHAR',
    values: ['a', 'trailing ', 'a\0b', 'é 😀', 'e\u0301'],
  },
  { type: "enum('a','b')", bytes: 'String', phoenix: 'VARCHAR', values: ['a'] },
  { type: 'json', bytes: 'String', phoenix: 'VARCHAR', values: ['{"a": 12345678901234567890}'] },
  {
    type: 'uuid',
    bytes: 'String',
    phoenix: 'VARCHAR',
    values: ['123e4567-e89b-12d3-a456-426655440000'],
  },
]

const LIBRARIES = ['bytes', 'phoenix'] as const

let java: JavaReader
beforeAll(async () => {
  java = await startReader(() => undefined)
})
afterAll(() => java.close())

describe.each(LIBRARIES)('%s', (library) => {
  const held = TYPES.filter((typed) => typed[library] !== null)

  test.each(TYPES)('lays out $type as it says', (typed) => {
    expect(nameOf(library, typed.type) ?? null).toBe(typed[library])
  })

  test.each(held)(
    '$type: Java reads what we write, and writes the same',
    async ({ type, values }) => {
      const name = nameOf(library, type) ?? ''
      for (const text of values) {
        const cell = cellOf(library, type, text)
        if (cell === null) throw new Error(`${text} is not held`)
        const read = await java.decode(library, name, cell)
        expect([text, alike(name, read?.toString() ?? 'null')]).toEqual([text, alike(name, text)])
        const written = await java.encode(
          library,
          name,
          name === 'TIMESTAMP' ? text.replace('Z', '') : text,
        )
        expect([text, Buffer.from(cell).toString('hex')]).toEqual([text, written?.toString('hex')])
      }
    },
  )
})

/** Numbers from 0 to 1, the same in every run. */
function* chances(): Generator<number> {
  for (let state = 42; ;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    yield state / 2 ** 32
  }
}

const MANY = 200

/** Random values of a type as canonical text, of all lengths. */
const RANDOM: Readonly<Record<string, (chance: () => number) => string>> = {
  int: (chance) => String(Math.trunc((chance() - 0.5) * 2 ** (32 * chance()))),
  bigint: (chance) =>
    String(BigInt.asIntN(64, BigInt(digits(chance, 19)) * (chance() < 0.5 ? 1n : -1n))),
  'decimal(38,12)': (chance) => {
    const whole = String(BigInt(digits(chance, 26)))
    return `${chance() < 0.5 ? '' : '-'}${whole}.${digits(chance, 12).padEnd(12, '0')}`.replace(
      /^-(0\.0+)$/,
      '$1',
    )
  },
  double: (chance) => String((chance() - 0.5) * 10 ** Math.trunc((chance() - 0.5) * 600)),
  float: (chance) =>
    String(Math.fround((chance() - 0.5) * 10 ** Math.trunc((chance() - 0.5) * 70)) + 0),
  date: (chance) => {
    const day = Math.trunc(chance() * 3_652_059) // since 0001-01-01
    const text = new Date(day * 86_400_000 - 62_135_596_800_000).toISOString().slice(0, 10)
    return /^1582-10-(0[5-9]|1[0-4])$/.test(text) ? '1582-10-15' : text
  },
}

function digits(chance: () => number, most: number): string {
  const length = 1 + Math.trunc(chance() * most)
  return Array.from({ length }, () => String(Math.trunc(chance() * 10))).join('')
}

describe.each(LIBRARIES)('random values as %s', (library) => {
  test.each(Object.keys(RANDOM))(
    '%s: Java reads what we write, and writes the same',
    async (type) => {
      const source = chances()
      const name = nameOf(library, type) ?? ''
      for (let i = 0; i < MANY; i++) {
        const text = RANDOM[type]?.(() => source.next().value as number) ?? ''
        const cell = Buffer.from(cellOf(library, type, text) ?? [])
        const [read, written] = await Promise.all([
          java.decode(library, name, cell),
          java.encode(library, name, text),
        ])
        expect([text, alike(name, read?.toString() ?? 'null')]).toEqual([text, alike(name, text)])
        expect([text, cell.toString('hex')]).toEqual([text, written?.toString('hex')])
      }
    },
  )
})

describe('what phoenix cannot hold', () => {
  test.each([
    '0000-00-00',
    '2024-00-00',
    '2024-02-30',
    '1582-10-05',
    '1582-10-14',
    '0000-01-01',
    '1900-02-29',
  ])('the date %s has no cell', (text) => expect(cellOf('phoenix', 'date', text)).toBeNull())

  test('a zero datetime has no cell', () => {
    expect(cellOf('phoenix', 'datetime(3)', '0000-00-00 00:00:00.000')).toBeNull()
    expect(cellOf('phoenix', 'timestamp', '0000-00-00 00:00:00Z')).toBeNull()
  })

  test('an empty text is an empty cell, which Phoenix reads as its NULL', async () => {
    expect(cellOf('phoenix', 'varchar(9)', '')).toHaveLength(0)
    expect(await java.decode('phoenix', 'VARCHAR', new Uint8Array(0))).toBeNull()
  })
})

test.each(LIBRARIES)('%s has no cell for a text that is none of its type', (library) => {
  const wrong: Record<string, string[]> = {
    tinyint: ['', '-', 'x', '1x', '1.5', '40000'],
    bigint: [
      '',
      '-',
      'x',
      '9223372036854775808',
      '-9223372036854775809',
      '99999999999999999999',
      '1.5',
    ],
    'decimal(10,2)': ['', '-', '1x', '1.2.3', '12345678901234567x'],
    float: ['', 'x'],
    double: ['', 'x'],
    'bit(1)': ['', '2', '10'],
  }
  for (const [type, texts] of Object.entries(wrong))
    for (const text of texts)
      expect([type, text, cellOf(library, type, text)]).toEqual([type, text, null])
})

test('the comparison with Java sees a sign that is not flipped, and a scale that is lost', async () => {
  const five = Buffer.from('00000005', 'hex')
  expect((await java.decode('phoenix', 'INTEGER', five))?.toString()).not.toBe('5')
  const unscaled = Buffer.from('0000000007c6', 'hex')
  expect((await java.decode('bytes', 'BigDecimal', unscaled))?.toString()).not.toBe('19.90')
})
