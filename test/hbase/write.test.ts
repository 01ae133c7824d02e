import { describe, expect, test } from 'vitest'
import {
  bytes,
  cell,
  createTable,
  marker,
  openClient,
  put,
  replace,
  scanAll,
  show,
} from './server.ts'
import { KeyType } from '../../hbase/index.ts'
import type { Failure, Mutation } from '../../hbase/index.ts'

const client = openClient({ maxCellBytes: 20 << 20 })
const BINARY_SPLITS = [Buffer.from([0x40]), Buffer.from([0x80]), Buffer.from([0xc0, 0])]

const binaryRows = (count: number): Buffer[] =>
  Array.from({ length: count }, (_, i) => {
    const row = Buffer.alloc(5, (i * 37) & 255)
    row.writeUInt32BE(i, 1)
    return row
  })

const codes = (failures: readonly Failure[]) =>
  failures.map(({ index, error }) => [index, error.code])

describe.each([{ atomic: false }, { atomic: true }])('a write with %j', (mode) => {
  test('reaches every region, and reads come in the order asked', async () => {
    const table = await createTable(client, { splits: BINARY_SPLITS })
    const rows = binaryRows(3000)
    expect(
      await client.mutate(
        table,
        rows.map((row, i) => put(row, 10, `v${i}`)),
        mode,
      ),
    ).toEqual([])
    const asked = [...rows].reverse()
    const results = await client.get(table, [...asked, bytes('not there')])
    expect(results.map(show)).toEqual([...asked.map((_, i) => `q=v${2999 - i}`), ''])
    expect(results.at(-1)).toBeNull()
  })

  test('reports the row with an unknown family and writes the others', async () => {
    const table = await createTable(client, { splits: BINARY_SPLITS })
    const mutations = binaryRows(500).map((row, i) => put(row, 10, `v${i}`))
    const wrong = (i: number): Mutation => ({
      row: mutations[i]?.row ?? bytes('r'),
      cells: [{ ...cell('q', 10, 'v'), family: bytes('nofamily') }],
    })
    const given = mutations.map((mutation, i) => (i === 7 || i === 400 ? wrong(i) : mutation))
    expect(codes(await client.mutate(table, given, mode))).toEqual([
      [7, 'NO_SUCH_FAMILY'],
      [400, 'NO_SUCH_FAMILY'],
    ])
    expect(await scanAll(client, table)).toHaveLength(498)
  })

  test('reports a cell the server finds too large and writes the others', async () => {
    const table = await createTable(client, { splits: BINARY_SPLITS })
    const mutations = binaryRows(200).map((row, i) =>
      put(row, 10, i === 33 ? Buffer.alloc(11 << 20) : 'v'),
    )
    expect(codes(await client.mutate(table, mutations, mode))).toEqual([[33, 'CELL_TOO_LARGE']])
    expect(await scanAll(client, table, { keysOnly: true })).toHaveLength(199)
  })

  test('reports what it does not send and writes the others', async () => {
    const table = await createTable(client)
    const mutations = [
      put('', 1, 'v'),
      put('a', -5, 'v'),
      put('b', 1, 'v'),
      put('k'.repeat(40_000), 1, 'v'),
    ]
    expect(codes(await client.mutate(table, mutations, mode))).toEqual([
      [0, 'ROW_KEY_INVALID'],
      [1, 'NEGATIVE_TIMESTAMP'],
      [3, 'ROW_KEY_INVALID'],
    ])
    expect((await scanAll(client, table)).map(show)).toEqual(['q=v'])
  })

  test('carries cells of several megabytes', async () => {
    const table = await createTable(client)
    const big = Array.from({ length: 4 }, (_, i) => put(`r${i}`, 1, Buffer.alloc(3 << 20, i)))
    expect(await client.mutate(table, big, mode)).toEqual([])
    const read = await client.get(
      table,
      big.map(({ row }) => row),
    )
    expect(read.map((result) => result?.cells[0]?.value.length)).toEqual([
      3 << 20,
      3 << 20,
      3 << 20,
      3 << 20,
    ])
    expect(read[3]?.cells[0]?.value.at(-1)).toBe(3)
  })

  test('follows regions that split', async () => {
    const table = await createTable(client)
    const rows = binaryRows(400)
    await client.mutate(
      table,
      rows.map((row) => put(row, 1, 'old')),
      mode,
    )
    // Another client splits, so that this one's locations are stale.
    const other = openClient()
    await other.admin.split(table, Buffer.from([0x80]))
    expect(
      await client.mutate(
        table,
        rows.map((row) => put(row, 2, 'new')),
        mode,
      ),
    ).toEqual([])
    expect(await client.regions(table)).toHaveLength(2)
    expect((await scanAll(client, table)).filter((row) => show(row) === 'q=new')).toHaveLength(400)
    expect((await client.get(table, rows)).filter((row) => show(row) === 'q=new')).toHaveLength(400)
  })
})

test('every kind of marker hides what it should', async () => {
  const table = await createTable(client, { versions: 3 })
  const row = bytes('r')
  const write = (cells: Mutation['cells']) =>
    client.mutate(table, [{ row, cells }], { atomic: true })
  const read = async () => show((await client.get(table, [row], { versions: 3 }))[0])
  await write([cell('a', 1, '1'), cell('a', 2, '2'), cell('a', 3, '3'), cell('b', 2, 'b')])
  expect(await read()).toBe('a=3 a=2 a=1 b=b')
  await write([marker(KeyType.delete, 2, 'a')])
  expect(await read()).toBe('a=3 a=1 b=b')
  await write([marker(KeyType.deleteColumn, 2, 'a')])
  expect(await read()).toBe('a=3 b=b')
  await write([marker(KeyType.deleteFamily, 2), cell('c', 3, 'c')])
  expect(await read()).toBe('a=3 c=c')
})

test('markers are refused unless the write is atomic', async () => {
  const table = await createTable(client)
  const failures = await client.mutate(table, [put('a', 1, 'v'), replace('b', 2, ['v'])])
  expect(codes(failures)).toEqual([[1, 'MARKER_NOT_ATOMIC']])
})

test('only versions of the time range asked for are returned', async () => {
  const table = await createTable(client, { versions: 5 })
  const cells = [1, 2, 3, 4].map((at) => cell('q', at, `v${at}`))
  await client.mutate(table, [{ row: bytes('r'), cells }])
  const get = async (options: object) => show((await client.get(table, [bytes('r')], options))[0])
  expect(await get({ timeRange: { from: 0, to: 3 } })).toBe('q=v2')
  expect(await get({ timeRange: { from: 2, to: 4 }, versions: 5 })).toBe('q=v3 q=v2')
})

test('a write to a missing or disabled table fails as a whole and says so', async () => {
  const table = await createTable(client)
  await client.mutate(table, [put('a', 1, 'v')])
  await openClient().admin.disable(table)
  const write = () => client.mutate(table, [put('a', 2, 'v'), put('b', 2, 'v')])
  await expect(write()).rejects.toMatchObject({ code: 'TABLE_DISABLED', table })
  await expect(client.get(table, [bytes('a')])).rejects.toMatchObject({ code: 'TABLE_DISABLED' })
  await openClient().admin.deleteTable(table)
  await expect(write()).rejects.toMatchObject({ code: 'TABLE_NOT_FOUND', table })
})

test('nothing to write and nothing to read is nothing to do', async () => {
  expect(await client.mutate('no_such_table', [])).toEqual([])
  expect(await client.get('no_such_table', [])).toEqual([])
})
