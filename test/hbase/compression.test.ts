import { describe, expect, test } from 'vitest'
import { randomBytes } from 'node:crypto'
import {
  bytes,
  cell,
  createTable,
  openClient,
  put,
  replace,
  scanAll,
  show,
  text,
} from './server.ts'
import type { Result, ScanOptions } from '../../hbase/index.ts'

// The main calls, with cells compressed on the way; what one client writes, the other reads.
const plain = openClient()
const gzip = openClient({ compression: 'gzip' })
const key = (i: number) => `k${String(i).padStart(5, '0')}`
const SPLITS = [500, 1000, 1500].map((i) => bytes(key(i)))

describe.each([{ atomic: false }, { atomic: true }])('a write with %j', (mode) => {
  test('reaches every region', async () => {
    const table = await createTable(plain, { splits: SPLITS })
    const rows = Array.from({ length: 2000 }, (_, i) => put(key(i), 1, `v${i}`.padEnd(200)))
    expect(await gzip.mutate(table, rows, mode)).toEqual([])
    const stored = await scanAll(plain, table)
    expect(stored.map((row) => show(row).trim())).toEqual(rows.map((_, i) => `q=v${i}`))
  })

  test('carries what cannot be compressed, and large cells', async () => {
    const table = await createTable(plain)
    const values = [randomBytes(3 << 20), Buffer.alloc(3 << 20, 7), randomBytes(1), Buffer.alloc(0)]
    const rows = values.map((value, i) => put(key(i), 1, value))
    expect(await gzip.mutate(table, rows, mode)).toEqual([])
    for (const client of [plain, gzip]) {
      const read = await client.get(
        table,
        rows.map(({ row }) => row),
      )
      expect(read.map((row) => values.findIndex((value) => value.equals(valueOf(row))))).toEqual([
        0, 1, 2, 3,
      ])
    }
  })

  test('names the row that is refused and writes the others', async () => {
    const table = await createTable(plain, { splits: SPLITS })
    const rows = Array.from({ length: 300 }, (_, i) => put(key(i * 6), 1, 'v'))
    const wrong = { ...cell('q', 1, 'v'), family: bytes('none') }
    const given = rows.map((row, i) => (i === 123 ? { ...row, cells: [wrong] } : row))
    expect(await gzip.mutate(table, given, mode)).toMatchObject([
      { index: 123, error: { code: 'NO_SUCH_FAMILY' } },
    ])
    expect(await scanAll(gzip, table)).toHaveLength(299)
  })
})

/** Not the buffers themselves, which take seconds to compare. */
const everything = ({ row, cells, partial }: Result): string =>
  [
    text(row),
    partial,
    ...cells.flatMap(({ family, qualifier, timestamp, type, value }) => [
      ...[family, qualifier, value].map(text),
      timestamp,
      type,
    ]),
  ].join(' ')

const valueOf = (row: Awaited<ReturnType<typeof plain.get>>[number]): Uint8Array =>
  row?.cells[0]?.value ?? bytes('no such cell')

test('markers and values of a row change together', async () => {
  const table = await createTable(plain)
  const atomic = { atomic: true }
  await gzip.mutate(table, [replace('r', 10, ['old', 'old', 'old'])], atomic)
  await gzip.mutate(table, [replace('r', 20, ['new'])], atomic)
  expect((await plain.get(table, [bytes('r')])).map(show)).toEqual(['c0=new'])
})

test('gets come in the order asked, also of rows that are not there', async () => {
  const table = await createTable(plain, { splits: SPLITS })
  const rows = Array.from({ length: 2000 }, (_, i) => put(key(i), 1, `v${i}`))
  await plain.mutate(table, rows)
  const asked = [...rows.map(({ row }) => row).reverse(), bytes('not there')]
  const read = await gzip.get(table, asked)
  expect(read.map(show)).toEqual([...rows.map((_, i) => `q=v${1999 - i}`), ''])
  expect(await gzip.exists(table, asked.slice(-2))).toEqual([true, false])
})

describe('scans give what they give without it', () => {
  const filled = (async () => {
    const table = await createTable(plain, { splits: SPLITS, versions: 2 })
    const rows = Array.from({ length: 2000 }, (_, i) => ({
      row: bytes(key(i)),
      cells: Array.from({ length: i % 100 === 0 ? 60 : 3 }, (_, c) =>
        cell(`c${String(c).padStart(2, '0')}`, 1, `${i}.${c}`.padEnd(120)),
      ),
    }))
    await plain.mutate(table, rows)
    await plain.mutate(table, [put(key(7), 2, 'second')])
    return table
  })()

  test.each<[string, ScanOptions]>([
    ['whole', {}],
    // Rows of 60 cells do not fit, and come in several answers.
    ['in pages smaller than some rows', { pageBytes: 4000 }],
    ['in parts of rows', { batch: 7, pageBytes: 4000 }],
    ['reversed', { reversed: true, pageBytes: 20_000 }],
    ['raw, all versions', { raw: true, versions: Infinity }],
    ['keys only', { keysOnly: true }],
    ['a range', { start: bytes(key(490)), stop: bytes(key(1510)), limit: 800 }],
  ])('%s', async (_how, options) => {
    const table = await filled
    const expected = await scanAll(plain, table, options)
    const rows = await scanAll(gzip, table, options)
    expect(rows.length).toBeGreaterThan(100)
    expect(rows.map(everything)).toEqual(expected.map(everything))
  })
})

test('rows are added to, appended to and changed on a condition', async () => {
  const table = await createTable(plain)
  const row = bytes('r')
  const number = { family: 'd', qualifier: bytes('n') }
  const letters = { family: 'd', qualifier: bytes('l') }
  await gzip.increment(table, row, [{ ...number, by: 5 }])
  const counted = await gzip.increment(table, row, [{ ...number, by: 2 }])
  expect(Buffer.from(valueOf(counted)).readBigInt64BE()).toBe(7n)
  await gzip.append(table, row, [{ ...letters, value: bytes('ab') }])
  expect(text(valueOf(await gzip.append(table, row, [{ ...letters, value: bytes('c') }])))).toBe(
    'abc',
  )
  const change = (value: string) =>
    gzip.checkAndMutate(table, {
      row,
      if: { ...letters, is: '=', value: bytes(value) },
      cells: [cell('q', 1, 'done')],
    })
  expect([await change('x'), await change('abc')]).toEqual([false, true])
})

test('any number of rows through a writer', async () => {
  const table = await createTable(plain, { splits: SPLITS })
  const writer = gzip.writer(table)
  for (let i = 0; i < 5000; i++) await writer.write(put(key(i % 2000), 1 + i, `v${i}`))
  await writer.close()
  expect((await scanAll(gzip, table)).map(show).slice(-1)).toEqual(['q=v3999'])
})
