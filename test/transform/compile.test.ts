import { describe, expect, test } from 'vitest'
import { UNHELD, type Cell } from '../../model/mutation.ts'
import { refusal } from '../../sinks/limits.ts'
import { compile } from '../../transform/compile.ts'
import type { FamilyMapping } from '../../model/mapping.ts'
import { mutationsOf } from './mutations.ts'
import { mapping, row, table, text } from './tables.ts'

const shown = (cells: readonly Cell[]): string =>
  cells
    .map(
      ({ column, value }) =>
        `${text(column.family)}:${text(column.qualifier)}=${value === null ? 'NULL' : text(value)}`,
    )
    .join(' ')

const goods = table('id integer !', 'name text', 'price decimal', 'photo bytes *')

describe('a row', () => {
  const transform = compile(mapping(), goods)

  test('becomes a cell per column, the key included, in the order of the qualifiers', () => {
    const { row: key, cells } = transform.expected(row('7', 'cup', '1.50', 'jpg'))
    expect(text(key)).toBe('7')
    expect(shown(cells)).toBe('f:id=7 f:name=cup f:photo=jpg f:price=1.50')
  })

  test('has no cell for NULL and an empty one for an empty text', () => {
    expect(shown(transform.expected(row('7', '', null, null)).cells)).toBe('f:id=7 f:name=')
  })

  test('is put, replaced and removed at the version it is given', () => {
    const values = row('7', 'cup', null, null)
    const put = mutationsOf(transform).put(values, 10)
    expect({ ...put, cells: shown(put.cells) }).toEqual({
      kind: 'put',
      row: put.row,
      version: 10,
      families: [new TextEncoder().encode('f')],
      cells: 'f:id=7 f:name=cup',
    })
    const replace = mutationsOf(transform).replace(values, 12)
    expect(replace).toEqual({ ...put, kind: 'replace', version: 12 })
    expect(mutationsOf(transform).remove('7', 14)).toEqual({
      ...put,
      kind: 'remove',
      version: 14,
      cells: [],
    })
  })

  test('removes what turned NULL when it is updated', () => {
    const update = mutationsOf(transform).update(row('7', null, '2.00', 'jpg'), null, 10)
    expect(update).toMatchObject({ kind: 'update', version: 10 })
    expect(shown(update.cells)).toBe('f:name=NULL f:id=7 f:photo=jpg f:price=2.00')
  })

  test('leaves large columns alone that did not change', () => {
    const values = row('7', 'cup', '2.00', 'jpg')
    const changed = (...columns: string[]): string =>
      shown(mutationsOf(transform).update(values, new Set(columns), 10).cells)
    expect(changed('price')).toBe('f:id=7 f:name=cup f:price=2.00')
    expect(changed('photo')).toBe('f:id=7 f:name=cup f:photo=jpg f:price=2.00')
  })

  test('carries binary values as they are', () => {
    const value = Uint8Array.of(0, 255, 128)
    const [id = null] = row('7')
    expect(transform.expected([id, null, null, value]).cells[1]?.value).toBe(value)
  })

  test('shares the bytes of its columns with all other rows', () => {
    const one = transform.expected(row('7', 'cup', null, null)).cells[0]?.column
    expect(mutationsOf(transform).put(row('8', null, null, null), 10).cells[0]?.column).toBe(one)
  })

  test('read with other columns is refused', () => {
    expect(() => mutationsOf(transform).put(row('7', 'cup', '1.50'), 10)).toThrow(
      expect.objectContaining({ code: 'VALUE_UNREADABLE' }),
    )
  })

  test('with NULL in its key is refused without a value', () => {
    expect(() => transform.key(row(null, 'cup', null, null))).toThrow(
      'A value cannot be decoded: shop.goods.id is NULL in a key',
    )
  })

  test('has the same row key from its values and from its key', () => {
    const values = row('7', 'cup', null, null)
    expect(transform.rowKey(transform.key(values))).toEqual(
      mutationsOf(transform).put(values, 10).row,
    )
  })
})

describe('a codec', () => {
  const days = table('id integer !', 'day date', 'at year')
  const hex = (cells: readonly Cell[]): string[] =>
    cells.map(({ value }) => (value === null ? 'NULL' : Buffer.from(value).toString('hex')))

  test('lays out what is loaded, applied and compared alike, and columns with one of their own', () => {
    const transform = compile(mapping({ codec: 'phoenix', codecs: { id: 'utf8' } }), days)
    const values = row('7', '1970-01-02', '2024')
    const cells = ['07e8', '8000000005265c00', '37']
    expect(hex(mutationsOf(transform).put(values, 10).cells)).toEqual(cells)
    expect(hex(mutationsOf(transform).replace(values, 10).cells)).toEqual(cells)
    expect(hex(mutationsOf(transform).update(values, null, 10).cells)).toEqual(cells)
    expect(hex(transform.expected(values).cells)).toEqual(cells)
    const turned = mutationsOf(transform).update(row('7', null, '2024'), null, 10)
    expect(hex(turned.cells)).toEqual(['NULL', '07e8', '37'])
  })

  test('leaves the row key as it is', () => {
    const transform = compile(mapping({ codec: 'bytes', codecs: { id: 'utf8' } }), days)
    expect(text(mutationsOf(transform).put(row('7', null, '2024'), 10).row)).toBe('7')
  })

  test('marks a value it cannot hold, which the sinks reject without it', () => {
    const transform = compile(mapping({ codec: 'phoenix', codecs: { id: 'utf8' } }), days)
    const put = mutationsOf(transform).put(row('7', '0000-00-00', '2024'), 10)
    expect(put.cells[1]?.value).toBe(UNHELD)
    expect(refusal(put, 1_000_000)).toBe('f:day has a value that its codec cannot hold')
    expect(refusal(mutationsOf(transform).put(row('7', null, '2024'), 10), 1_000_000)).toBeNull()
  })
})

describe('a mapping', () => {
  test('renames columns and leaves some out', () => {
    const transform = compile(mapping({ rename: { name: 'n' }, exclude: ['photo'] }), goods)
    expect(transform.table.columns.map(({ name }) => name)).toEqual(['id', 'name', 'price'])
    expect(shown(transform.expected(row('7', 'cup', '1.50')).cells)).toBe(
      'f:id=7 f:n=cup f:price=1.50',
    )
  })

  test('knows changed columns by their own names', () => {
    const transform = compile(mapping({ rename: { photo: 'p' } }), goods)
    const values = row('7', null, null, 'jpg')
    expect(shown(mutationsOf(transform).update(values, new Set(['photo']), 10).cells)).toContain(
      'f:p=jpg',
    )
    expect(shown(mutationsOf(transform).update(values, new Set(['p']), 10).cells)).not.toContain(
      'f:p=',
    )
  })

  test('may swap two names', () => {
    const transform = compile(mapping({ rename: { name: 'price', price: 'name' } }), goods)
    expect(shown(transform.expected(row('7', 'cup', '1.50', null)).cells)).toBe(
      'f:id=7 f:name=1.50 f:price=cup',
    )
  })

  test('takes column names that every object has', () => {
    const transform = compile(mapping(), table('constructor integer !', '__proto__ text'))
    expect(shown(transform.expected(row('7', 'cup')).cells)).toBe('f:__proto__=cup f:constructor=7')
  })

  test('orders qualifiers by their bytes', () => {
    const transform = compile(
      mapping(),
      table('id integer !', 'é text', 'Z text', 'z text', '😀 text', '\uffee text'),
    )
    expect(shown(transform.expected(row('7', '1', '2', '3', '4', '5')).cells)).toBe(
      'f:Z=2 f:id=7 f:z=3 f:é=1 f:\uffee=5 f:😀=4',
    )
  })

  test.each<[what: string, family: Partial<FamilyMapping>, code: string, detail: string]>([
    [
      'an unknown column left out',
      { exclude: ['pirce'] },
      'COLUMN_UNKNOWN',
      'shop.goods.pirce; did you mean price?',
    ],
    [
      'an unknown column renamed',
      { rename: { Name: 'n' } },
      'COLUMN_UNKNOWN',
      'shop.goods.Name; did you mean name?',
    ],
    [
      'a column like no other',
      { exclude: ['description'] },
      'COLUMN_UNKNOWN',
      'shop.goods.description',
    ],
    [
      'a key column left out',
      { exclude: ['id'] },
      'CONFIG_INVALID',
      'shop.goods.id is excluded, but it is part of the key; keep it',
    ],
    [
      'two columns in one place',
      { rename: { price: 'name' } },
      'CONFIG_INVALID',
      'shop.goods.price and name both become f:name',
    ],
    [
      'a column without a name',
      { rename: { price: '' } },
      'CONFIG_INVALID',
      'shop.goods.price is renamed to an empty qualifier; give it a name',
    ],
    [
      'a column both renamed and left out',
      { rename: { price: 'p' }, exclude: ['price'] },
      'CONFIG_INVALID',
      'shop.goods.price is both renamed and excluded; choose one',
    ],
    [
      'an unknown column with a codec',
      { codecs: { pirce: 'bytes' } },
      'COLUMN_UNKNOWN',
      'shop.goods.pirce; did you mean price?',
    ],
    [
      'a column with a codec that is left out',
      { codecs: { price: 'bytes' }, exclude: ['price'] },
      'CONFIG_INVALID',
      'shop.goods.price has a codec, but is excluded; choose one',
    ],
    [
      'columns whose codec cannot hold them, all by name',
      { codec: 'phoenix', codecs: { id: 'bytes' } },
      'CODEC_UNFIT',
      'shop.goods: id (integer as bytes), price (decimal as phoenix). Name another codec for them, as in codecs: { id: utf8 }, or exclude them',
    ],
    [
      'a family HBase refuses',
      { family: 'a:b' },
      'CONFIG_INVALID',
      'the mapping to shop:goods has a family named "a:b", which HBase does not take',
    ],
    [
      'a path',
      { path: ['fk'] },
      'CONFIG_INVALID',
      'the mapping to shop:goods embeds other tables, which is not supported yet; map one family',
    ],
    [
      'another table',
      { table: 'shop.other' },
      'CONFIG_INVALID',
      'the mapping to shop:goods fills f from shop.other, not from its anchor',
    ],
  ])('with %s is refused', (_what, family, code, detail) => {
    expect(() => compile(mapping(family), goods)).toThrow(expect.objectContaining({ code, detail }))
  })

  test.each([
    ['no family', []],
    ['two families', [...mapping().families, ...mapping({ family: 'g' }).families]],
  ])('with %s is refused', (_what, families) => {
    expect(() => compile({ ...mapping(), families }, goods)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }),
    )
  })

  test('of another table than the one described is refused', () => {
    expect(() => compile(mapping(), { ...goods, name: 'shop.other' })).toThrow(
      'the mapping to shop:goods is about shop.goods, but was given shop.other',
    )
  })

  test('of a table without a key is refused', () => {
    expect(() => compile(mapping(), table('id integer'))).toThrow(
      expect.objectContaining({ code: 'KEY_MISSING' }),
    )
  })

  test('carries a type it cannot only when it is left out', () => {
    const odd = table('id integer !', 'v unsupported')
    expect(() => compile(mapping(), odd)).toThrow(
      'The type of this column cannot be carried: shop.goods.v is unsupported; exclude it',
    )
    expect(compile(mapping({ exclude: ['v'] }), odd).table.columns).toHaveLength(1)
  })
})
