import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareBytes } from '../../model/bytes.ts'
import { formatKey } from '../../model/key.ts'
import type { RowKeyShape } from '../../model/mapping.ts'
import type { ColumnKind, TableSchema } from '../../model/table.ts'
import type { KeyText } from '../../model/value.ts'
import { compile } from '../../transform/compile.ts'
import { hash32 } from '../../model/hash32.ts'
import type { Transform } from '../../transform/transform.ts'
import { mutationsOf } from './mutations.ts'
import { mapping, table, text } from './tables.ts'

const RUNS = { numRuns: 2000 }

const single = table('id integer !')
const pair = table('a text !', 'b text !')

const keysOf = (shape: RowKeyShape, of: TableSchema = single): Transform =>
  compile(mapping({}, shape), of)

/** What a row key may be made of, by kind of column: with everything that could be taken for something else. */
const COMPONENTS: Partial<Record<ColumnKind, fc.Arbitrary<string>>> = {
  integer: fc.oneof(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }).map(String),
    fc.constantFrom('0', '-1', '1', '10', '100', '001', '00042', '-10', '-01', '9'),
  ),
  bytes: fc
    .uint8Array({ maxLength: 6 })
    .map((bytes) => Buffer.from(bytes).toString('hex').toUpperCase()),
  text: fc.oneof(
    fc.string({ unit: 'binary', maxLength: 8 }),
    fc
      .array(
        fc.constantFrom(
          '|',
          '~',
          '~0',
          '~1',
          '~n',
          '~e',
          '_',
          '0a_',
          '\0',
          '\ufeff',
          '\ufffd',
          '😀',
          'é',
          'a',
        ),
        { maxLength: 5 },
      )
      .map((parts) => parts.join('')),
  ),
}

const kinds = fc.array(fc.constantFrom<ColumnKind[]>('integer', 'bytes', 'text'), {
  minLength: 1,
  maxLength: 3,
})

const shapes: fc.Arbitrary<RowKeyShape> = fc.oneof(
  fc.constant({}),
  fc.constant({ hash: true }),
  fc.constantFrom(2, 16, 255, 256, 257, 4096, 4097, 65_536).map((salt) => ({ salt })),
)

/** A transform and several keys of its table. */
const cases = fc.oneof(
  kinds.chain((chosen) =>
    fc.record({
      transform: shapes.map((shape) =>
        keysOf(shape, table(...chosen.map((kind, i) => `c${i} ${kind} !`))),
      ),
      keys: fc.array(
        fc
          .tuple(...chosen.map((kind) => COMPONENTS[kind] as fc.Arbitrary<string>))
          .map((parts) => formatKey(parts)),
        { minLength: 2, maxLength: 5 },
      ),
    }),
  ),
  fc.record({
    transform: fc.constant(keysOf({ reverse: true })),
    keys: fc.array(COMPONENTS.integer as fc.Arbitrary<string>, { minLength: 2, maxLength: 5 }),
  }),
)

describe('a row key', () => {
  test('gives its key back, whatever is in it', () => {
    fc.assert(
      fc.property(cases, ({ transform, keys }) => {
        for (const key of keys) expect(transform.keyOf(transform.rowKey(key))).toBe(key)
      }),
      RUNS,
    )
  })

  test('differs where keys differ', () => {
    fc.assert(
      fc.property(cases, ({ transform, keys }) => {
        const different = new Set<KeyText>(keys)
        const rows = new Set(keys.map((key) => Buffer.from(transform.rowKey(key)).toString('hex')))
        expect(rows.size).toBe(different.size)
        expect(rows.has('')).toBe(false)
      }),
      RUNS,
    )
  })

  test('of any bytes is the one its key makes, or of no key', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 6 }),
      fc.string({ maxLength: 8 }).map((written) => Buffer.from(written)),
      fc.stringMatching(/^[0-9a-f]{0,4}_?[0-9|~en-]{0,4}$/).map((written) => Buffer.from(written)),
    )
    fc.assert(
      fc.property(cases, bytes, ({ transform }, row) => {
        const key = transform.keyOf(row)
        if (key !== null) expect(compareBytes(transform.rowKey(key), row)).toBe(0)
      }),
      { numRuns: 10_000 },
    )
  })

  test.each<[shape: RowKeyShape, key: KeyText, row: string]>([
    [{}, '7', '7'],
    [{ salt: 16 }, '7', '0d_7'],
    [{ salt: 256 }, '7', '5d_7'],
    [{ salt: 300 }, '7', '051_7'],
    [{ salt: 5000 }, '7', '0565_7'],
    [{ hash: true }, '7', '7a21_7'],
    [{ reverse: true }, '1200', '0021'],
    [{ reverse: true }, '-1200', '0021-'],
    [{ reverse: true }, '0', '0'],
  ])('%j of %s is for ever %s', (shape, key, row) => {
    expect(text(keysOf(shape).rowKey(key))).toBe(row)
  })

  test('of two columns keeps them apart', () => {
    const keys = keysOf({}, pair)
    expect(text(keys.rowKey(formatKey(['a|b', 'c'])))).toBe('a~1b|c')
    expect(text(keys.rowKey(formatKey(['a', 'b|c'])))).toBe('a|b~1c')
  })

  test('of an empty text is not empty, since HBase has no empty row', () => {
    const keys = keysOf({}, table('a text !'))
    expect(text(keys.rowKey(''))).toBe('~e')
    expect(keys.keyOf(keys.rowKey(''))).toBe('')
    expect(keys.keyOf(keys.rowKey(formatKey(['~e'])))).toBe('~0e')
    expect(keys.keyOf(new Uint8Array(0))).toBeNull()
  })

  test.each<[why: string, shape: RowKeyShape, of: TableSchema, row: Uint8Array]>([
    ['is empty', {}, single, Buffer.from('')],
    ['is no integer', {}, single, Buffer.from('x')],
    ['has too many components', {}, single, Buffer.from('1|2')],
    ['has too few components', {}, pair, Buffer.from('1')],
    ['has a NULL', {}, pair, Buffer.from('1|~n')],
    ['has a broken escape', {}, pair, Buffer.from('1|~2')],
    ['is not UTF-8', {}, pair, Buffer.from([0x31, 0x7c, 0xff])],
    ['is half a pair', {}, pair, Buffer.from([0x7c, 0xed, 0xa0, 0x80])],
    ['has lower hex', {}, table('a bytes !'), Buffer.from('0a')],
    ['has another salt', { salt: 16 }, single, Buffer.from('0c_7')],
    ['has a salt in capitals', { hash: true }, single, Buffer.from('7A21_7')],
    ['has another separator', { salt: 16 }, single, Buffer.from('0d-7')],
    ['has no salt', { salt: 16 }, single, Buffer.from('7')],
    ['has another hash', { hash: true }, single, Buffer.from('7a22_7')],
    ['has its sign in front', { reverse: true }, single, Buffer.from('-21')],
  ])('that %s is of no key', (_why, shape, of, row) => {
    expect(keysOf(shape, of).keyOf(row)).toBeNull()
  })

  test('longer than HBase takes is made all the same, so that a sink can reject one row alone', () => {
    const transform = keysOf({}, table('a text !'))
    expect(transform.rowKey('k'.repeat(32_768))).toHaveLength(32_768)
  })

  test('is made of no key that is not Unicode, since two of them would share a row', () => {
    const keys = keysOf({}, table('a text !'))
    expect(() => keys.rowKey('a\ud800')).toThrow(
      expect.objectContaining({ code: 'LOG_KEY_UNREADABLE' }),
    )
  })

  test('is reversed of integers only', () => {
    expect(() => mutationsOf(keysOf({ reverse: true })).remove('1x', 10)).toThrow(
      expect.objectContaining({ code: 'LOG_KEY_UNREADABLE' }),
    )
  })

  test.each<[why: string, shape: RowKeyShape, of: TableSchema]>([
    ['two shapes at once', { salt: 16, hash: true }, single],
    ['all three', { salt: 16, hash: true, reverse: true }, single],
    ['one bucket', { salt: 1 }, single],
    ['too many buckets', { salt: 65_537 }, single],
    ['half a bucket', { salt: 2.5 }, single],
    ['a text reversed', { reverse: true }, table('a text !')],
    ['two integers reversed', { reverse: true }, table('a integer !', 'b integer !')],
  ])('with %s is refused', (_why, shape, of) => {
    expect(() => keysOf(shape, of)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
  })

  test('may name a shape as not wanted', () => {
    expect(text(keysOf({ hash: false, reverse: false }).rowKey('7'))).toBe('7')
  })
})

describe('the hash', () => {
  test('spreads rising numbers over all buckets', () => {
    const counts = new Array<number>(16).fill(0)
    for (let id = 1; id <= 16_000; id++) {
      const bucket = hash32(new TextEncoder().encode(String(id))) % 16
      counts[bucket] = (counts[bucket] as number) + 1
    }
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150)
  })

  test('is for ever what it was', () => {
    const hash = (of: string): string => hash32(new TextEncoder().encode(of)).toString(16)
    expect(hash('')).toBe('ab3e7c0b')
    expect(hash('longhaul')).toBe('a891c7de')
    expect(hash('中文|~1')).toBe('3f8a593a')
  })
})

describe('splits', () => {
  const split = (shape: RowKeyShape, ...sampled: KeyText[]): string[] =>
    keysOf(shape).splits(sampled).map(text)

  test('of a salted table are its buckets', () => {
    expect(split({ salt: 4 })).toEqual(['01', '02', '03'])
    expect(split({ salt: 4 }, '1', '2')).toEqual(['01', '02', '03'])
    expect(split({ salt: 17 }).at(-1)).toBe('10')
  })

  test('of a hashed table are even, and as many as were sampled', () => {
    expect(split({ hash: true }, '5', '9', '7')).toEqual(['4000', '8000', 'c000'])
    expect(split({ hash: true })).toHaveLength(15)
  })

  test('are at most 255', () => {
    expect(split({ salt: 65_536 })).toHaveLength(255)
    expect(split({ salt: 65_536 })[0]).toBe('0100')
    expect(split({ hash: true }, ...Array.from({ length: 900 }, String))).toHaveLength(255)
  })

  test('of sampled keys are in the order of their bytes, each once', () => {
    expect(split({}, '10', '9', '100', '9', '-1')).toEqual(['-1', '10', '100', '9'])
    expect(split({ reverse: true }, '10', '21', '12')).toEqual(['01', '12', '21'])
    expect(split({})).toEqual([])
  })

  test('divide the rows of a table into regions that rise', () => {
    fc.assert(
      fc.property(cases, ({ transform, keys }) => {
        const splits = transform.splits(keys)
        for (const [i, next] of splits.entries()) {
          const before = splits[i - 1] ?? new Uint8Array(0)
          expect(compareBytes(before, next)).toBeLessThan(0)
        }
      }),
      RUNS,
    )
  })
})
