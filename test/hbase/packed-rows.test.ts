import { bytes, createTable, openClient, put, scanAll } from './server.ts'
import { expect, test } from 'vitest'
import { BufferPool } from '../../hbase/buffers.ts'
import { KeyType, PackedColumn } from '../../hbase/index.ts'
import { MutationList } from '../../hbase/batch.ts'
import { PackedRows } from '../../hbase/packed-rows.ts'
import type { Mutation } from '../../hbase/index.ts'
import { encodeWrites } from '../../hbase/multi-request.ts'
import fc from 'fast-check'
import { metaRegion } from '../../hbase/region.ts'

const client = openClient()
const other = openClient()
const COLUMN = new PackedColumn(bytes('d'), bytes('q'))
const noRegion = () => undefined

const packed = (
  mutations: readonly Mutation[],
  rows = new PackedRows('t', noRegion),
): PackedRows => {
  for (const mutation of mutations) pack(rows, mutation)
  return rows
}

function pack(rows: PackedRows, { row, cells }: Mutation): void {
  rows.row(row, cells[0]?.timestamp ?? 1)
  for (const { family, qualifier, value } of cells)
    rows.put(new PackedColumn(family, qualifier), value)
}

/** As `pack`, each value as a part of something longer. */
function packParts(rows: PackedRows, { row, cells }: Mutation): void {
  rows.row(row, cells[0]?.timestamp ?? 1)
  for (const { family, qualifier, value } of cells) {
    const longer = Buffer.concat([bytes('before'), value, bytes('behind')])
    rows.put(new PackedColumn(family, qualifier), longer, 6, 6 + value.length)
  }
}

const some = (most: number) => fc.uint8Array({ maxLength: most })
const value = fc.record({
  type: fc.constant(4),
  family: fc.oneof({ weight: 9, arbitrary: some(5) }, fc.constant(new Uint8Array(128))),
  qualifier: some(60),
  value: fc.oneof({ weight: 9, arbitrary: some(60) }, fc.constant(new Uint8Array(70_000))),
})
const timestamp = fc.oneof(
  { weight: 9, arbitrary: fc.maxSafeNat() },
  fc.constantFrom(-1, 0.5, Number.NaN),
)
const mutation = fc
  .tuple(some(50), timestamp, fc.array(value, { maxLength: 4 }))
  .map(([row, time, cells]) => ({
    row,
    cells: cells.map((cell) => ({ ...cell, timestamp: time })),
  }))
const mutations = fc.array(mutation, { maxLength: 12 })
const limits = { maxCellBytes: 60_000, atomic: false }
const regions = [metaRegion('a:1'), metaRegion('b:1'), undefined]

test('packed rows are sent byte for byte as mutations are, and the same ones are refused', () => {
  const rows = new PackedRows('t', (row) => regions[(row[0] ?? 0) % 3])
  fc.assert(
    fc.property(mutations, fc.boolean(), (given, isReversed) => {
      rows.clear()
      const both = [packed(given, rows), new MutationList(given)] as const
      const [ours, theirs] = both.map((batch) =>
        given.map((_, item) => {
          const checked = batch.check(item, limits)
          return typeof checked === 'number' ? checked : 'refused'
        }),
      )
      expect(ours).toEqual(theirs)
      const sorted = [...rows.presorted()].flatMap(([region, items]) => {
        for (const item of items)
          if (theirs?.[item] !== 'refused')
            expect(region).toBe(regions[(rows.rowOf(item)[0] ?? 0) % 3])
        return items
      })
      expect(sorted.toSorted((a, b) => a - b)).toEqual([...given.keys()])
      const items = sorted.filter((item) => theirs?.[item] !== 'refused')
      const parts = [{ region: metaRegion('s:1'), items: isReversed ? items.reverse() : items }]
      const requests = both.map((batch) => encodeWrites(parts, batch, false, new BufferPool()))
      expect(requests[0]?.bytes.subarray(128)).toEqual(requests[1]?.bytes.subarray(128))
    }),
    { numRuns: 500 },
  )
})

const markerCells = fc.record({
  type: fc.constantFrom(8, 10, 12, 14, 5),
  family: fc.oneof({ weight: 9, arbitrary: some(5) }, fc.constant(new Uint8Array(128))),
  qualifier: fc.oneof(some(0), some(20)),
  value: some(0),
  timestamp,
})
const change = fc
  .tuple(mutation, fc.array(markerCells, { maxLength: 3 }))
  .map(([{ row, cells }, markers]) => ({ row, cells: [...markers, ...cells] }))

test('markers too are sent byte for byte as those of mutations, and the same rows are refused', () => {
  const rows = new PackedRows('t', noRegion)
  fc.assert(
    fc.property(fc.array(change, { maxLength: 12 }), fc.boolean(), (given, atomic) => {
      rows.clear()
      for (const { row, cells } of given) {
        const values = cells.filter(({ type }) => type === KeyType.put)
        rows.row(row, values[0]?.timestamp ?? 1)
        for (const { type, family, qualifier, timestamp } of cells)
          if (type !== KeyType.put) rows.mark(new PackedColumn(family, qualifier, type), timestamp)
        for (const { family, qualifier, value } of values)
          rows.put(new PackedColumn(family, qualifier), value)
      }
      const both = [rows, new MutationList(given)] as const
      const [ours, theirs] = both.map((batch) =>
        given.map((_, item) => {
          const checked = batch.check(item, { ...limits, atomic })
          return typeof checked === 'number' ? checked : 'refused'
        }),
      )
      expect(ours).toEqual(theirs)
      const items = [...given.keys()].filter((item) => theirs?.[item] !== 'refused')
      const parts = [{ region: metaRegion('s:1'), items }]
      const requests = both.map((batch) => encodeWrites(parts, batch, atomic, new BufferPool()))
      expect(requests[0]?.bytes.subarray(128)).toEqual(requests[1]?.bytes.subarray(128))
    }),
    { numRuns: 500 },
  )
})

test('packed rows are compared as their keys are', () => {
  fc.assert(
    fc.property(fc.array(some(4), { minLength: 2, maxLength: 6 }), (keys) => {
      const rows = new PackedRows('t', noRegion)
      for (const key of keys) rows.row(key, 1)
      for (const [a, one] of keys.entries())
        for (const [b, other] of keys.entries())
          expect(Math.sign(rows.compareRows(a, b))).toBe(Buffer.compare(one, other))
    }),
  )
})

test('a marker behind a value is refused, and so are a value as a marker and a marker as a value', () => {
  const marker = new PackedColumn(bytes('d'), bytes('q'), KeyType.deleteColumn)
  const rows = new PackedRows('t', noRegion)
  rows.row(bytes('a'), 1)
  rows.put(COLUMN, bytes('v'))
  rows.mark(marker, 1)
  rows.row(bytes('b'), 1)
  rows.mark(COLUMN, 1)
  rows.row(bytes('c'), 1)
  rows.put(marker, bytes('v'))
  const checked = [0, 1, 2].map((item) => rows.check(item, { ...limits, atomic: true }))
  expect(checked).toEqual(['CELL_INVALID', 'CELL_INVALID', 'CELL_INVALID'])
})

test('markers and values of a row become one change', async () => {
  const table = await createTable(client)
  const columns = ['a', 'b'].map((name) => new PackedColumn(bytes('d'), bytes(name)))
  const family = new PackedColumn(bytes('d'), bytes(''), KeyType.deleteFamily)
  const b = new PackedColumn(bytes('d'), bytes('b'), KeyType.deleteColumn)
  const rows = client.packedRows(table)
  for (const key of ['whole', 'column', 'gone']) {
    rows.row(bytes(key), 10)
    for (const column of columns) rows.put(column, bytes('old'))
  }
  expect(await client.mutate(table, rows)).toEqual([])
  rows.clear()
  rows.row(bytes('whole'), 20)
  rows.mark(family, 19)
  rows.put(columns[0] as PackedColumn, bytes('new'))
  rows.row(bytes('gone'), 20)
  rows.mark(family, 20)
  rows.row(bytes('column'), 20)
  rows.mark(b, 20)
  rows.put(columns[0] as PackedColumn, bytes('new'))
  await expect(client.mutate(table, rows)).resolves.toMatchObject([
    { error: { code: 'MARKER_NOT_ATOMIC' } },
    { error: { code: 'MARKER_NOT_ATOMIC' } },
    { error: { code: 'MARKER_NOT_ATOMIC' } },
  ])
  expect(await client.mutate(table, rows, { atomic: true })).toEqual([])
  const stored = await scanAll(client, table)
  expect(
    stored.map(({ row, cells }) => [
      Buffer.from(row).toString(),
      ...cells.map(({ qualifier, value }) => Buffer.concat([qualifier, value]).toString()),
    ]),
  ).toEqual([
    ['column', 'anew'],
    ['whole', 'anew'],
  ])
})

test('rows that were taken back leave nothing behind', () => {
  fc.assert(
    fc.property(mutations, mutations, (given, others) => {
      const rows = new PackedRows('t', (row) => regions[(row[0] ?? 0) % 3])
      given.forEach((mutation, i) => {
        const other = others[i]
        if (other !== undefined) {
          pack(rows, other)
          rows.withdraw()
        }
        packParts(rows, mutation)
      })
      const plain = packed(given, new PackedRows('t', (row) => regions[(row[0] ?? 0) % 3]))
      expect(rows.length).toBe(plain.length)
      const requests = [rows, plain].map((batch) => {
        const all = [...batch.presorted()].flatMap(([, items]) => items)
        expect(all.toSorted((a, b) => a - b)).toEqual([...given.keys()])
        const items = [...given.keys()].filter(
          (item) => typeof batch.check(item, limits) === 'number',
        )
        const parts = [{ region: metaRegion('s:1'), items }]
        return encodeWrites(parts, batch, false, new BufferPool())
      })
      expect(requests[0]?.bytes.subarray(128)).toEqual(requests[1]?.bytes.subarray(128))
    }),
    { numRuns: 300 },
  )
})

test('what was given may be reused at once; the rows may be written again, and filled anew', async () => {
  const table = await createTable(client, { splits: [bytes('5')] })
  const rows = client.packedRows(table)
  const [key, text] = [Buffer.alloc(4), Buffer.alloc(4)]
  for (const round of [1, 2]) {
    rows.clear()
    for (let i = 0; i < 3000; i++) {
      key.write(String((i * 7919) % 10_000).padStart(4, '0'))
      rows.row(key, round)
      text.write(String(i + round).padStart(4, ' '))
      rows.put(COLUMN, text)
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
  const failures = await client.mutate(table, packed(wrong, client.packedRows(table)))
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
  const rows = packed([put('a', 1, 'v')], client.packedRows(table))
  const writing = client.mutate(table, rows)
  const busy = expect.objectContaining({ code: 'IN_USE' }) as Error
  expect(() => rows.row(bytes('b'), 1)).toThrow(busy)
  expect(() => rows.put(COLUMN, bytes('w'))).toThrow(busy)
  expect(() => rows.clear()).toThrow(busy)
  await writing
  rows.row(bytes('b'), 1)
  rows.clear()
  expect(() => rows.put(COLUMN, bytes('w'))).toThrow(
    expect.objectContaining({ code: 'ROW_KEY_INVALID' }),
  )
})

test('nothing is put to a row that was taken back, nor to the one before it', () => {
  const rows = client.packedRows('t')
  rows.row(bytes('a'), 1)
  rows.put(COLUMN, bytes('v'))
  rows.row(bytes('b'), 2)
  rows.withdraw()
  expect(() => rows.put(COLUMN, bytes('w'))).toThrow(
    expect.objectContaining({ code: 'ROW_KEY_INVALID' }),
  )
  expect(rows.values(0)).toBe(1)
})

test.each([
  ['ends before it begins', 2, 1],
  ['begins before the value', -1, 2],
  ['ends behind it', 1, 4],
  ['is nowhere', Number.NaN, 3],
])('a part of a value that %s is refused with its row', async (_what, start, end) => {
  const table = await createTable(client)
  const rows = client.packedRows(table)
  for (const key of ['a', 'b', 'c']) {
    rows.row(bytes(key), 1)
    if (key === 'b') rows.put(COLUMN, bytes('abc'), start, end)
    else rows.put(COLUMN, bytes('abc'), 1, 3)
  }
  const failures = await client.mutate(table, rows)
  expect(failures.map(({ index, error }) => [index, error.code])).toEqual([[1, 'CELL_INVALID']])
  const stored = await scanAll(client, table)
  expect(stored.map(({ cells }) => Buffer.from(cells[0]?.value ?? []).toString())).toEqual([
    'bc',
    'bc',
  ])
})

test('rows packed for one table are not written to another', async () => {
  const [one, other] = [await createTable(client), await createTable(client)]
  await client.mutate(one, [put('known', 1, 'v')])
  const rows = packed([put('a', 1, 'v')], client.packedRows(one))
  await expect(client.mutate(other, rows)).rejects.toMatchObject({ code: 'CONFIGURATION' })
  expect(await scanAll(client, other)).toEqual([])
})

test.each(['it is not known', 'it is known'])(
  'rows packed before their region was split are all written, though %s',
  async (what) => {
    const table = await createTable(client)
    const key = (i: number): string => String((i * 7919) % 10_000).padStart(4, '0')
    await client.mutate(table, [put(key(1), 1, 'v')])
    const given = Array.from({ length: 2000 }, (_, i) => put(key(i), 2, 'v'))
    const rows = packed(given, client.packedRows(table))
    await other.admin.split(table, bytes('5'))
    if (what === 'it is known') await client.mutate(table, [put('0', 2, 'v'), put('9', 2, 'v')])
    expect(await client.mutate(table, rows)).toEqual([])
    const stored = (await scanAll(client, table)).map(({ row }) => Buffer.from(row).toString())
    expect(stored).toEqual(expect.arrayContaining(given.map(({ row }) => row.toString())))
  },
)
