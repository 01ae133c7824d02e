import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CodecName, RowKeyShape } from '../../model/mapping.ts'
import { UNHELD, type Cell } from '../../model/mutation.ts'
import { RowPage, type RowVisitor } from '../../model/page.ts'
import type { TableSchema } from '../../model/table.ts'
import { compile } from '../../transform/compile.ts'
import type { ExpectedRow, Transform } from '../../transform/transform.ts'
import { mapping, row, table as plainTable } from './tables.ts'

/** With the sizes that other codecs ask for. */
function table(...columns: string[]): TableSchema {
  const made = plainTable(...columns)
  const sized = made.columns.map((column) => ({ ...column, bits: 63, precision: 9 }))
  return { ...made, columns: sized }
}

/** Keeps what it is given. */
class Kept implements RowVisitor {
  readonly rows: { row: Uint8Array; cells: Cell[] }[] = []
  private readonly columns: Transform['columns']

  constructor({ columns }: Transform) {
    this.columns = columns
  }

  row(bytes: Uint8Array, start: number, end: number): void {
    this.rows.push({ row: bytes.slice(start, end), cells: [] })
  }

  cell(no: number, bytes: Uint8Array, start: number, end: number): void {
    const column = this.columns[no]
    if (column === undefined) throw new Error(`no column ${no}`)
    const value = bytes === UNHELD ? UNHELD : Uint8Array.from(bytes.subarray(start, end))
    this.rows.at(-1)?.cells.push({ column, value })
  }
}

function visited(transform: Transform, page: RowPage): readonly ExpectedRow[] {
  const kept = new Kept(transform)
  transform.visit(page, kept)
  return kept.rows
}

/** Comparable: a value no codec holds is not the same as an empty one. */
const plain = (rows: readonly ExpectedRow[]): unknown =>
  rows.map(({ row: key, cells }) => ({
    row: Buffer.from(key).toString('hex'),
    cells: cells.map(({ column, value }) => [
      Buffer.from(column.qualifier).toString(),
      value === UNHELD ? 'unheld' : Buffer.from(value ?? []).toString('hex'),
    ]),
  }))

const utf8 = (texts: fc.Arbitrary<string>): fc.Arbitrary<Uint8Array> =>
  texts.map((text) => new TextEncoder().encode(text))

const texts = fc.oneof(
  fc.string({ maxLength: 6 }),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
  fc
    .array(fc.constantFrom('|', '~', '~e', '~n', 'a', '\u007f', 'é', '\u0000'), { maxLength: 4 })
    .map((all) => all.join('')),
  fc.constantFrom(
    'x'.repeat(505),
    'x'.repeat(506),
    'x'.repeat(511),
    'x'.repeat(513),
    'x'.repeat(2000),
  ),
)
const integers = fc.bigInt({ min: -(2n ** 40n), max: 2n ** 40n }).map(String)
const nullable = (values: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array | null> =>
  fc.oneof({ weight: 4, arbitrary: values }, fc.constant(null))

const tables: readonly (readonly [string, TableSchema, fc.Arbitrary<Uint8Array>[]])[] = [
  ['an integer', table('id integer !'), [utf8(integers)]],
  ['a text', table('id text !'), [utf8(texts)]],
  ['two texts', table('a text !', 'b text !'), [utf8(texts), utf8(texts)]],
  ['bytes', table('id bytes !'), [fc.uint8Array({ maxLength: 9 })]],
  [
    'a text and bytes',
    table('a text !', 'b bytes !'),
    [utf8(texts), fc.uint8Array({ maxLength: 3 })],
  ],
  [
    'a timestamp',
    table('id timestamp !'),
    [utf8(fc.constantFrom('2024-03-09 10:11:12.50Z', '0000-00-00 00:00:00Z'))],
  ],
]
const shapes: readonly RowKeyShape[] = [
  {},
  { salt: 16 },
  { salt: 300 },
  { salt: 60_000 },
  { hash: true },
]

describe.each(tables)('rows with %s as their key', (_, schema, keys) => {
  test.each(shapes)('are visited as they are expected, with the row key %o', (shape) => {
    const withMore = {
      ...schema,
      columns: [...schema.columns, ...table('n integer', 'note text').columns],
    }
    const transform = compile(mapping({ codecs: { n: 'bytes' } }, shape), withMore)
    const values = [
      ...keys,
      nullable(utf8(fc.oneof(integers, fc.constant('9'.repeat(30))))),
      nullable(utf8(texts)),
    ]
    fc.assert(
      fc.property(fc.array(fc.tuple(...values), { maxLength: 5 }), (rows) => {
        const page = RowPage.of(withMore.columns.length, rows)
        expect(plain(visited(transform, page))).toEqual(
          plain(rows.map((one) => transform.expected(one))),
        )
      }),
      { numRuns: 200 },
    )
  })
})

test('a reversed key is visited reversed', () => {
  const transform = compile(mapping({}, { reverse: true }), table('id integer !'))
  const rows = [row('-1203'), row('7'), row('100')]
  expect(plain(visited(transform, RowPage.of(1, rows)))).toEqual(
    plain(rows.map((one) => transform.expected(one))),
  )
})

test.each<CodecName>(['utf8', 'bytes', 'phoenix'])(
  '%s: a value is visited as it is encoded',
  (codec) => {
    const transform = compile(mapping({ codec }), table('id integer !', 'd decimal', 't datetime'))
    const rows = [row('1', '1.50', '2024-03-09 10:11:12'), row('2', null, null)]
    expect(plain(visited(transform, RowPage.of(3, rows)))).toEqual(
      plain(rows.map((one) => transform.expected(one))),
    )
  },
)

test('a page of other columns is refused, and so is a key of NULL', () => {
  const transform = compile(mapping(), table('id integer !', 'name text'))
  const refused = expect.objectContaining({ code: 'VALUE_UNREADABLE' }) as Error
  expect(() => visited(transform, RowPage.of(1, [row('1')]))).toThrow(refused)
  expect(() => visited(transform, RowPage.of(2, [row(null, 'cup')]))).toThrow(refused)
})
