import { between, oneOf } from '../faults/random.ts'
import type { Random } from '../faults/random.ts'

/** A column that is no key: its type, and SQL for a value. */
export interface ColumnPlan {
  readonly name: string
  readonly type: string
}

/** How a key is made of a number; `spelling` gives equal keys other bytes where the collation has them equal. */
export interface KeyShape {
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly of: (number: number, spelling: number) => readonly string[]
  /** Keys that are equal and not the same exist. */
  readonly respelt?: true
}

const SPELLINGS: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => text.toUpperCase(),
  (text) => `${text} `,
  (text) => text.replace('e', 'é'),
]
const spelt = (text: string, spelling: number): string =>
  `'${(SPELLINGS[spelling % SPELLINGS.length] ?? String)(text)}'`

/** Every shape can hold a few thousand numbers. What `~` and `|` do to a row key is part of it. */
export const KEY_SHAPES: Readonly<Record<string, KeyShape>> = {
  int: { columns: [{ name: 'id', type: 'int' }], of: (n) => [`${n}`] },
  bigint: {
    columns: [{ name: 'id', type: 'bigint' }],
    of: (n) => [`${9_007_199_254_740_000n + BigInt(n)}`],
  },
  caseless: {
    columns: [{ name: 'k', type: 'varchar(20) character set utf8mb4 collate utf8mb4_general_ci' }],
    of: (n, spelling) => [spelt(`key|${n}~`, spelling)],
    respelt: true,
  },
  exact: {
    columns: [{ name: 'k', type: 'varchar(20) character set utf8mb4 collate utf8mb4_bin' }],
    of: (n) => [`'${n % 2 === 0 ? 'k' : 'K'}${n >> 1}'`],
  },
  latin: {
    columns: [{ name: 'k', type: 'char(12) character set latin1 collate latin1_swedish_ci' }],
    of: (n, spelling) => [spelt(`zoe ${n}`, spelling)],
    respelt: true,
  },
  binary: {
    columns: [{ name: 'k', type: 'varbinary(6)' }],
    of: (n) => [`x'00${n.toString(16).padStart(4, '0')}00'`],
  },
  pair: {
    columns: [
      { name: 'a', type: 'smallint' },
      { name: 'b', type: 'varchar(12) character set utf8mb4 collate utf8mb4_unicode_ci' },
    ],
    of: (n, spelling) => [`${n % 40}`, spelt(`be ${Math.floor(n / 40)}`, spelling)],
    respelt: true,
  },
  moment: {
    columns: [
      { name: 'at', type: 'datetime(3)' },
      { name: 'price', type: 'decimal(8,2)' },
    ],
    of: (n) => [
      `'2024-02-${String((n % 28) + 1).padStart(2, '0')} 10:11:12.5'`,
      (n / 4).toFixed(2),
    ],
  },
}

type Draw = (random: Random) => string

const digits = (random: Random, most: number): string => String(between(random, -most, most))
const hex = (random: Random, most: number): string =>
  Array.from({ length: between(random, 0, most) }, () =>
    between(random, 0, 255).toString(16).padStart(2, '0'),
  ).join('')
const WORDS = ['', 'a', 'Ärger', '漢字', '😀 ok', 'a|b~c', "it''s", 'NULL', '  bla  ']
const text: Draw = (random) =>
  `'${oneOf(random, WORDS)}${random() < 0.5 ? '' : between(random, 0, 999)}'`
const two = (random: Random, most: number): string =>
  String(between(random, 0, most)).padStart(2, '0')
const day = (random: Random): string =>
  `20${two(random, 36)}-${String(between(random, 1, 12)).padStart(2, '0')}-${String(between(random, 1, 28)).padStart(2, '0')}`
const clock = (random: Random): string =>
  `${two(random, 23)}:${two(random, 59)}:${two(random, 59)}.${between(random, 0, 999_999)}`

/** Types of values, each with what may stand in such a column. */
const VALUES: Readonly<Record<string, Draw>> = {
  int: (random) => digits(random, 2_147_483_647),
  'tinyint unsigned': (random) => String(between(random, 0, 255)),
  bigint: (random) => `${digits(random, 9_007_199_254)}${between(random, 10, 99)}`,
  'decimal(12,3)': (random) => (between(random, -1e8, 1e8) / 1000).toFixed(3),
  double: (random) => String((random() - 0.5) * 10 ** between(random, -20, 20)),
  float: (random) => String(between(random, -1e6, 1e6) / 8),
  'varchar(30) character set utf8mb4': text,
  'char(12) character set utf8mb4': text,
  text,
  'varbinary(12)': (random) => `x'${hex(random, 12)}'`,
  blob: (random) => `x'${hex(random, 40)}'`,
  date: (random) => `'${day(random)}'`,
  'datetime(6)': (random) => `'${day(random)} ${clock(random)}'`,
  'timestamp(3) null': (random) => `'${day(random)} ${clock(random)}'`,
  'time(2)': (random) => `'${random() < 0.3 ? '-' : ''}${clock(random)}'`,
  year: (random) => String(between(random, 1901, 2155)),
  "enum('red','green','blue')": (random) => `'${oneOf(random, ['red', 'green', 'blue'])}'`,
  "set('a','b','c')": (random) => `'${oneOf(random, ['', 'a', 'a,b', 'b,c', 'a,b,c'])}'`,
  'bit(5)': (random) => `b'${between(random, 0, 31).toString(2)}'`,
  json: (random) => `'{"n": ${digits(random, 1e9)}, "t": [1, null, "ü"]}'`,
}

export const VALUE_TYPES: readonly string[] = Object.keys(VALUES)

export function drawValue(random: Random, { type }: ColumnPlan): string {
  return random() < 0.2 ? 'null' : (VALUES[type]?.(random) ?? 'null')
}
