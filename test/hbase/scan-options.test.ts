import { beforeAll, describe, expect, test } from 'vitest'
import {
  bytes,
  cell,
  createTable,
  openClient,
  put,
  scanAll,
  show,
  text,
  uniqueName,
} from './server.ts'
import type { Filter, Result, ScanOptions } from '../../hbase/index.ts'

const client = openClient()
const key = (i: number) => `k${String(i).padStart(3, '0')}`
const keys = (rows: readonly Result[]) => rows.map(({ row }) => text(row))
const range = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => key(from + i))

const ROWS = 100
let table: string

beforeAll(async () => {
  table = uniqueName('options')
  const families = ['d', 'e'].map((name) => ({ name, attributes: { VERSIONS: '5' } }))
  const splits = [25, 50, 75].map((i) => bytes(key(i)))
  await client.admin.createTable({ name: table, families, attributes: {} }, splits)
  const rows = [1, 2, 3].map((timestamp) =>
    Array.from({ length: ROWS }, (_, i) => ({
      row: bytes(key(i)),
      cells: [
        cell('a', timestamp, `${i % 10}`),
        ...(i % 2 === 0 ? [cell('b', timestamp, `${timestamp}`)] : []),
        { ...cell('a', timestamp, 'x'), family: bytes('e') },
      ],
    })),
  )
  for (const version of rows) await client.mutate(table, version)
})

describe('ranges, with the ends open or closed', () => {
  const from = bytes(key(25))
  const to = bytes(key(50))
  test.each<[string, ScanOptions, number, number]>([
    ['closed, open', { start: from, stop: to }, 25, 50],
    ['closed, closed', { start: from, stop: to, stopInclusive: true }, 25, 51],
    ['open, open', { start: from, startExclusive: true, stop: to }, 26, 50],
    ['open, closed', { start: from, startExclusive: true, stop: to, stopInclusive: true }, 26, 51],
    ['one row', { start: from, stop: from, stopInclusive: true }, 25, 26],
    ['no row', { start: from, stop: from, stopInclusive: true, startExclusive: true }, 25, 25],
    ['to the end', { start: from }, 25, ROWS],
    ['from the beginning', { stop: to, stopInclusive: true }, 0, 51],
  ])('%s', async (_what, options, first, end) => {
    expect(keys(await scanAll(client, table, options))).toEqual(range(first, end))
    const { start, stop, startExclusive = false, stopInclusive = false } = options
    const mirrored = {
      reversed: true,
      ...(stop === undefined ? {} : { start: stop, startExclusive: !stopInclusive }),
      ...(start === undefined ? {} : { stop: start, stopInclusive: !startExclusive }),
    }
    const down = keys(await scanAll(client, table, mirrored))
    expect(down).toEqual(range(first, end).reverse())
  })

  test('reversed in small answers, from a row that is not there', async () => {
    const options = { reversed: true, start: bytes('k0605'), pageRows: 3 }
    expect(keys(await scanAll(client, table, options))).toEqual(range(0, 61).reverse())
  })

  test('reversed over a table split at awkward rows', async () => {
    const splits = ['00', '01', '0100', '01ff', '01ffffff', 'ff', 'ffff'].map((hex) =>
      Buffer.from(hex, 'hex'),
    )
    const awkward = await createTable(client, { splits })
    const rows = [...splits, ...splits.map((split) => Buffer.concat([split, bytes('x')]))]
    await client.mutate(
      awkward,
      rows.map((row) => put(row, 1, 'v')),
    )
    const up = (await scanAll(client, awkward)).map(({ row }) => Buffer.from(row).toString('hex'))
    const down = await scanAll(client, awkward, { reversed: true })
    expect(up).toHaveLength(rows.length)
    expect(down.map(({ row }) => Buffer.from(row).toString('hex'))).toEqual(up.reverse())
  })
})

test('columns, versions and the time range choose the cells', async () => {
  const first = { stop: bytes(key(1)) }
  const of = async (options: ScanOptions) =>
    (await scanAll(client, table, { ...first, ...options })).map(({ cells }) =>
      cells
        .map(
          ({ family, qualifier, timestamp }) => `${text(family)}:${text(qualifier)}@${timestamp}`,
        )
        .join(' '),
    )
  const b = { family: 'd', qualifiers: [bytes('b')] }
  expect(await of({})).toEqual(['d:a@3 d:b@3 e:a@3'])
  expect(await of({ columns: [b] })).toEqual(['d:b@3'])
  expect(await of({ columns: [b], families: ['e'] })).toEqual(['d:b@3 e:a@3'])
  expect(await of({ columns: [b], versions: 2 })).toEqual(['d:b@3 d:b@2'])
  expect(await of({ columns: [b], versions: Infinity })).toEqual(['d:b@3 d:b@2 d:b@1'])
  const timeRange = { from: 1, to: 3 }
  expect(await of({ columns: [b], versions: 9, timeRange })).toEqual(['d:b@2 d:b@1'])
  const [row] = await client.get(table, [bytes(key(0))], { columns: [b], timeRange })
  expect(row?.cells.map(({ timestamp }) => timestamp)).toEqual([2])
})

test.each([1, 24, 25, 26, 50, 99, 100, 101])('a limit of %i rows is kept', async (limit) => {
  const rows = await scanAll(client, table, { limit, pageRows: 10 })
  expect(keys(rows)).toEqual(range(0, Math.min(limit, ROWS)))
  const down = await scanAll(client, table, { limit, reversed: true })
  expect(keys(down)).toEqual(range(0, ROWS).reverse().slice(0, limit))
})

test('a batch cuts rows into parts and tells which go on', async () => {
  const parts = await scanAll(client, table, { batch: 2, stop: bytes(key(2)) })
  expect(parts.map(({ row, cells, partial }) => [text(row), cells.length, partial])).toEqual([
    [key(0), 2, true],
    [key(0), 1, undefined],
    [key(1), 2, undefined],
  ])
  const limited = await scanAll(client, table, { batch: 1, limit: 2 })
  expect(limited.map(({ row }) => text(row))).toEqual([
    ...Array<string>(3).fill(key(0)),
    key(1),
    key(1),
  ])
})

describe('filters', () => {
  const equals = (digit: string, more = {}): Filter => ({
    kind: 'column',
    family: 'd',
    qualifier: bytes('a'),
    is: '=',
    value: bytes(digit),
    ...more,
  })
  const filtered = async (filter: Filter, options: ScanOptions = {}) =>
    scanAll(client, table, { filter, ...options })

  test('for keys and first cells', async () => {
    const [row] = await filtered({ kind: 'keyOnly' })
    expect(row?.cells.map(({ value }) => value.length)).toEqual([0, 0, 0])
    const rows = await filtered({ kind: 'firstKeyOnly' })
    expect(rows.map(show)).toEqual(range(0, ROWS).map((_, i) => `a=${i % 10}`))
  })

  test('for a prefix, up and down', async () => {
    const filter: Filter = { kind: 'prefix', prefix: bytes('k04') }
    expect(keys(await filtered(filter))).toEqual(range(40, 50))
    expect(keys(await filtered(filter, { reversed: true }))).toEqual(range(40, 50).reverse())
  })

  test('for a page of each region', async () => {
    const rows = await filtered({ kind: 'page', rows: 3 })
    expect(keys(rows)).toEqual([0, 25, 50, 75].flatMap((i) => range(i, i + 3)))
  })

  test.each<[string, Filter, (i: number) => boolean]>([
    ['=', equals('3'), (i) => i % 10 === 3],
    ['!=', equals('3', { is: '!=' }), (i) => i % 10 !== 3],
    ['<', equals('3', { is: '<' }), (i) => i % 10 < 3],
    ['<=', equals('3', { is: '<=' }), (i) => i % 10 <= 3],
    ['>', equals('3', { is: '>' }), (i) => i % 10 > 3],
    ['>=', equals('3', { is: '>=' }), (i) => i % 10 >= 3],
    [
      'and',
      { kind: 'and', filters: [equals('3'), { kind: 'prefix', prefix: bytes('k01') }] },
      (i) => i === 13,
    ],
    [
      'or',
      { kind: 'or', filters: [equals('3'), equals('4')] },
      (i) => i % 10 === 3 || i % 10 === 4,
    ],
    ['a missing column kept', equals('9', { qualifier: bytes('b') }), (i) => i % 2 === 1],
    [
      'a missing column dropped',
      equals('3', { qualifier: bytes('b'), dropMissing: true }),
      (i) => i % 2 === 0,
    ],
  ])('by a value: %s', async (_what, filter, keeps) => {
    const kept = Array.from({ length: ROWS }, (_, i) => i).filter(keeps)
    expect(keys(await filtered(filter))).toEqual(kept.map(key))
  })

  test('by an older value only where that is asked for', async () => {
    const old = equals('2', { qualifier: bytes('b'), dropMissing: true })
    expect(await filtered(old, { versions: 3 })).toEqual([])
    const any: Filter = { ...old, anyVersion: true } as Filter
    expect(await filtered(any, { versions: 3 })).toHaveLength(ROWS / 2)
  })

  test('of a get', async () => {
    const rows = [bytes(key(3)), bytes(key(4))]
    const found = await client.get(table, rows, { filter: equals('3') })
    expect(found.map((row) => row !== null)).toEqual([true, false])
  })
})

test.each<[string, ScanOptions, string]>([
  ['half a row', { limit: 0.5 }, 'READ_INVALID'],
  ['no rows in an answer', { pageRows: 0 }, 'READ_INVALID'],
  ['no bytes in an answer', { pageBytes: -1 }, 'READ_INVALID'],
  ['parts of no cells', { batch: 0 }, 'READ_INVALID'],
  ['no versions', { versions: 0 }, 'READ_INVALID'],
  ['a time range that ends before it begins', { timeRange: { from: 5, to: 5 } }, 'READ_INVALID'],
  ['time before 1970', { timeRange: { from: -1, to: 5 } }, 'READ_INVALID'],
  ['a family twice', { families: ['d', 'd'] }, 'READ_INVALID'],
  ['a family of 128 bytes', { families: ['d'.repeat(128)] }, 'READ_INVALID'],
  [
    'parts of rows that a filter must see whole',
    { batch: 5, filter: { kind: 'page', rows: 5 } },
    'READ_INVALID',
  ],
  ['keys only beside a filter', { keysOnly: true, filter: { kind: 'keyOnly' } }, 'READ_INVALID'],
  ['a row no table can have', { start: Buffer.alloc(32_768) }, 'ROW_KEY_INVALID'],
])('a scan for %s is refused before anything is sent', (_what, options, code) => {
  expect(() => client.scan(table, options)).toThrow(expect.objectContaining({ code, table }))
})
