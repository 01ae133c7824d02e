import { bytes, createTable, openClient, put, scanAll } from './server.ts'
import { expect, test } from 'vitest'
import { BufferPool } from '../../hbase/buffers.ts'
import { MutationList } from '../../hbase/batch.ts'
import { PackedRows } from '../../hbase/index.ts'
import type { Mutation } from '../../hbase/index.ts'
import { encodeWrites } from '../../hbase/multi-request.ts'
import fc from 'fast-check'
import { metaRegion } from '../../hbase/region.ts'

const client = openClient()

const packed = (mutations: readonly Mutation[], rows = new PackedRows()): PackedRows => {
  for (const { row, cells } of mutations) {
    rows.row(row)
    for (const cell of cells) rows.put(cell.family, cell.qualifier, cell.timestamp, cell.value)
  }
  return rows
}

const some = (most: number) => fc.uint8Array({ maxLength: most })
const value = fc.record({
  type: fc.constant(4),
  family: fc.oneof(some(5), fc.constant(new Uint8Array(128))),
  qualifier: some(60),
  timestamp: fc.oneof(fc.maxSafeNat(), fc.constantFrom(-1, 0.5, Number.NaN)),
  value: fc.oneof(some(60), fc.constant(new Uint8Array(70_000))),
})
const mutations = fc.array(fc.record({ row: some(50), cells: fc.array(value, { maxLength: 4 }) }), {
  maxLength: 12,
})
const limits = { maxCellBytes: 60_000, atomic: false }

test('packed rows are sent byte for byte as mutations are, and the same ones are refused', () => {
  const rows = new PackedRows()
  fc.assert(
    fc.property(mutations, (given) => {
      rows.clear()
      const both = [packed(given, rows), new MutationList(given)] as const
      const [ours, theirs] = both.map((batch) =>
        given.map((_, item) => {
          const checked = batch.check(item, limits)
          return typeof checked === 'number' ? checked : 'refused'
        }),
      )
      expect(ours).toEqual(theirs)
      const items = [...given.keys()].filter((item) => theirs?.[item] !== 'refused')
      const parts = [{ region: metaRegion('s:1'), items: items.reverse() }]
      const requests = both.map((batch) => encodeWrites(parts, batch, false, new BufferPool()))
      expect(requests[0]?.bytes.subarray(128)).toEqual(requests[1]?.bytes.subarray(128))
    }),
  )
})

test('what was given may be reused at once; the rows may be written again, and filled anew', async () => {
  const table = await createTable(client, { splits: [bytes('5')] })
  const rows = new PackedRows()
  const [key, text] = [Buffer.alloc(4), Buffer.alloc(4)]
  for (const round of [1, 2]) {
    rows.clear()
    for (let i = 0; i < 3000; i++) {
      key.write(String((i * 7919) % 10_000).padStart(4, '0'))
      rows.row(key)
      text.write(String(i + round).padStart(4, ' '))
      rows.put(bytes('d'), bytes('q'), round, text)
    }
    expect(rows.length).toBe(3000)
    expect(await client.mutate(table, rows)).toEqual([])
    expect(await client.mutate(table, rows)).toEqual([])
  }
  const stored = await scanAll(client, table)
  const expected = Array.from({ length: 3000 }, (_, i) => [
    String((i * 7919) % 10_000).padStart(4, '0'),
    String(i + 2).padStart(4, ' '),
  ]).sort()
  expect(
    stored.map(({ row, cells }) =>
      [row, cells[0]?.value].map((one) => Buffer.from(one ?? []).toString()),
    ),
  ).toEqual(expected)
})

test('refused rows are told by their position; the others are written', async () => {
  const table = await createTable(client)
  const none = { ...put('b', 1, 'v').cells[0], family: bytes('none') } as Mutation['cells'][number]
  const wrong: readonly Mutation[] = [
    put('a', 1, 'v'),
    { row: bytes('b'), cells: [none] },
    put('', 1, 'v'),
    put('c', -1, 'v'),
    { row: bytes('d'), cells: [] },
    put('e', 1, 'v'),
  ]
  const failures = await client.mutate(table, packed(wrong))
  expect(failures.map(({ index, error }) => [index, error.code])).toEqual([
    [1, 'NO_SUCH_FAMILY'],
    [2, 'ROW_KEY_INVALID'],
    [3, 'NEGATIVE_TIMESTAMP'],
    [4, 'CELL_INVALID'],
  ])
  const stored = await scanAll(client, table)
  expect(stored.map(({ row }) => Buffer.from(row).toString())).toEqual(['a', 'e'])
})

test('rows that are being written cannot be changed', async () => {
  const table = await createTable(client)
  const rows = packed([put('a', 1, 'v')])
  const writing = client.mutate(table, rows)
  const busy = expect.objectContaining({ code: 'IN_USE' }) as Error
  expect(() => rows.row(bytes('b'))).toThrow(busy)
  expect(() => rows.put(bytes('d'), bytes('q'), 1, bytes('w'))).toThrow(busy)
  expect(() => rows.clear()).toThrow(busy)
  await writing
  rows.row(bytes('b'))
  rows.clear()
  expect(() => rows.put(bytes('d'), bytes('q'), 1, bytes('w'))).toThrow(
    expect.objectContaining({ code: 'ROW_KEY_INVALID' }),
  )
})
