import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatKey, keyComponent, keyInPage, keyOfRow, parseKey } from '../../model/key.ts'
import { RowPage } from '../../model/page.ts'
import type { Column, ColumnKind, TableSchema } from '../../model/table.ts'

const RUNS = { numRuns: 5000 }

const component = fc.oneof(
  fc.constant(null),
  fc.string({ unit: 'binary', maxLength: 10 }),
  fc
    .array(fc.constantFrom('|', '~', '~0', '~1', '~n', '0', '1', 'n', ' ', '\0', '😀'), {
      maxLength: 6,
    })
    .map((parts) => parts.join('')),
)
const components = fc.array(component, { minLength: 1, maxLength: 4 })

describe('a key', () => {
  test('gives its components back', () => {
    fc.assert(
      fc.property(components, (parts) => {
        expect(parseKey(formatKey(parts))).toEqual(parts)
      }),
      RUNS,
    )
  })

  test('differs where components differ', () => {
    fc.assert(
      fc.property(components, components, (a, b) => {
        const same = JSON.stringify(a) === JSON.stringify(b)
        expect(formatKey(a) === formatKey(b)).toBe(same)
      }),
      RUNS,
    )
  })

  test('is read only as it is written', () => {
    const text = fc.string({ unit: fc.constantFrom('~', '|', '0', '1', 'n', 'a'), maxLength: 8 })
    fc.assert(
      fc.property(text, (key) => {
        let parts: (string | null)[]
        try {
          parts = parseKey(key)
        } catch (error) {
          expect(error).toMatchObject({ code: 'LOG_KEY_UNREADABLE' })
          return
        }
        expect(formatKey(parts)).toBe(key)
      }),
      RUNS,
    )
  })

  test.each([
    [['a|b', null], 'a~1b|~n'],
    [['中文😀|~ '], '中文😀~1~0 '],
    [['~1'], '~01'],
    [['~0', '~n'], '~00|~0n'],
    [[''], ''],
    [['', ''], '|'],
  ])('of %j is %s', (parts, key) => {
    expect(formatKey(parts)).toBe(key)
    expect(parseKey(key)).toEqual(parts)
  })

  test.each(['~', '~2', 'a~', 'a~n', '~nn', '~~', '1|~x'])('that reads %s is refused', (key) => {
    expect(() => parseKey(key)).toThrow(expect.objectContaining({ code: 'LOG_KEY_UNREADABLE' }))
  })
})

const column = (name: string, kind: ColumnKind): Column => ({
  name,
  kind,
  native: kind,
  nullable: false,
  large: false,
})

const orders: TableSchema = {
  name: 'shop.orders',
  columns: [column('note', 'text'), column('id', 'integer'), column('day', 'date')],
  key: ['day', 'id'],
  foreignKeys: [],
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('the key of a row', () => {
  const keyOf = keyOfRow(orders)

  test('has the columns of the key in its order', () => {
    expect(keyOf([bytes('x'), bytes('7'), bytes('2024-03-09')])).toBe('2024-03-09|7')
  })

  test('keeps empty components', () => {
    const texts = { ...orders, columns: orders.columns.map(({ name }) => column(name, 'text')) }
    expect(keyOfRow(texts)([null, bytes(''), bytes('')])).toBe('|')
    expect(keyOfRow({ ...texts, key: ['id'] })([null, bytes(''), null])).toBe('')
  })

  test('is refused where a component is NULL, by name', () => {
    expect(() => keyOf([null, null, bytes('2024-03-09')])).toThrow(
      'shop.orders.id is NULL in a key',
    )
  })

  test('is refused where a component is not text, by name and without its bytes', () => {
    const keyOfNote = keyOfRow({ ...orders, key: ['note'] })
    expect(() => keyOfNote([Uint8Array.of(0xff), null, null])).toThrow(
      expect.objectContaining({ code: 'VALUE_UNREADABLE', detail: 'note in a key is not UTF-8' }),
    )
  })

  test('is the same where the row lies in a page', () => {
    const kinds: readonly ColumnKind[] = ['text', 'integer', 'bytes', 'enum']
    const value = fc.oneof(
      fc.string({ maxLength: 5 }).map(bytes),
      fc.string({ unit: 'binary', maxLength: 5 }).map(bytes),
      fc.constantFrom('~', '|', '', '7').map(bytes),
      fc.uint8Array({ maxLength: 3 }),
      fc.constant(null),
    )
    const given = (work: () => string): string => {
      try {
        return work()
      } catch (error) {
        return String(error)
      }
    }
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...kinds), { minLength: 3, maxLength: 3 }),
        fc.subarray(['a', 'b', 'c'], { minLength: 1 }),
        fc.array(fc.tuple(value, value, value), { maxLength: 4 }),
        (kinds, key, rows) => {
          const columns = ['a', 'b', 'c'].map((name, i) => column(name, kinds[i] ?? 'text'))
          const table = { ...orders, columns, key }
          const page = RowPage.of(3, rows)
          rows.forEach((row, no) => {
            expect(given(() => keyInPage(table)(page, no))).toBe(given(() => keyOfRow(table)(row)))
          })
        },
      ),
      RUNS,
    )
  })

  test('is refused for a table without one, or without its columns', () => {
    expect(() => keyOfRow({ ...orders, key: [] })).toThrow(
      expect.objectContaining({ code: 'KEY_MISSING' }),
    )
    expect(() => keyOfRow({ ...orders, key: ['gone'] })).toThrow(
      expect.objectContaining({ code: 'COLUMN_UNKNOWN' }),
    )
  })
})

describe('a component', () => {
  test.each<[kind: ColumnKind, value: Uint8Array, text: string]>([
    ['integer', bytes('-9223372036854775808'), '-9223372036854775808'],
    ['decimal', bytes('-0.50'), '-0.50'],
    ['text', bytes('\ufeffé '), '\ufeffé '],
    ['bytes', Uint8Array.of(0, 0x0a, 0xff), '000AFF'],
    ['bytes', new Uint8Array(0), ''],
    ['date', bytes('2024-02-30'), '2024-02-30'],
    ['timestamp', bytes('2024-03-09 10:11:12Z'), '1709979072'],
    ['timestamp', bytes('2024-03-09 10:11:12.50Z'), '1709979072.50'],
    ['timestamp', bytes('1970-01-01 00:00:01.000000Z'), '1.000000'],
    ['timestamp', bytes('2038-01-19 03:14:07Z'), '2147483647'],
    ['timestamp', bytes('0000-00-00 00:00:00Z'), '0'],
    ['timestamp', bytes('0000-00-00 00:00:00.000000Z'), '0.000000'],
  ])('of kind %s, %s is written %s', (kind, value, text) => {
    expect(keyComponent(column('c', kind), value)).toBe(text)
  })

  test('that should be a timestamp and is none is refused', () => {
    expect(() => keyComponent(column('c', 'timestamp'), bytes('soon'))).toThrow(
      expect.objectContaining({ code: 'VALUE_UNREADABLE' }),
    )
  })
})
