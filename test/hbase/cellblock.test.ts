import { expect, test } from 'vitest'
import { Slab } from '../../hbase/wire/slab.ts'
import { CellReader, NameCache, cellSize, putCell } from '../../hbase/wire/cellblock.ts'
import { KeyType } from '../../hbase/index.ts'
import type { Cell } from '../../hbase/index.ts'

const sample: Cell = {
  type: KeyType.put,
  family: Buffer.from('d'),
  qualifier: Buffer.from('name'),
  timestamp: 0x0001_0203_0405_06,
  value: Buffer.from('Ada'),
}
const row = Buffer.from('r1')

const encode = (cells: readonly Cell[]): Buffer => {
  const bytes = Buffer.alloc(cells.reduce((sum, cell) => sum + cellSize(row, cell), 0))
  const slab = new Slab(bytes)
  let end = 0
  for (const cell of cells) end = putCell(slab, end, row, cell)
  expect(end).toBe(bytes.length)
  return bytes
}

test('is laid out as KeyValue says', () => {
  const parts = [
    '0000001e', // the rest: 8 + key + value
    '00000013', // key: 2 + 2 + 1 + 1 + 4 + 9
    '00000003', // value
    '0002' + '7231', // row
    '01' + '64', // family
    '6e616d65', // qualifier
    '0000010203040506'.padStart(16, '0'), // timestamp
    '04', // Put
    '416461', // value
  ]
  expect(encode([sample]).toString('hex')).toBe(parts.join(''))
})

test.each([0, 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 1_700_000_000_000, Number.MAX_SAFE_INTEGER])(
  'carries timestamp %i',
  (timestamp) => {
    const reader = new CellReader(encode([{ ...sample, timestamp }]), new NameCache())
    expect(reader.next(0).timestamp).toBe(timestamp)
  },
)

test('carries empty and long parts', () => {
  const cells = [
    { ...sample, qualifier: Buffer.alloc(0), value: Buffer.alloc(0) },
    { ...sample, type: KeyType.deleteFamily, qualifier: Buffer.alloc(300, 7) },
    { ...sample, family: Buffer.alloc(127, 65), value: Buffer.alloc(70_000, 9) },
  ]
  const reader = new CellReader(encode(cells), new NameCache())
  cells.forEach((cell, i) => {
    expect(reader.row()).toEqual(row)
    expect(reader.next(i)).toEqual(cell)
  })
  expect(reader.more).toBe(false)
})

test('shares names between rows and does not mix them up', () => {
  const cells = ['name', 'name', 'nama', 'name2', 'name'].map((q) => ({
    ...sample,
    qualifier: Buffer.from(q),
  }))
  const reader = new CellReader(encode(cells), new NameCache())
  const read = cells.map(() => reader.next(0))
  expect(read.map(({ qualifier }) => Buffer.from(qualifier).toString())).toEqual([
    'name',
    'name',
    'nama',
    'name2',
    'name',
  ])
  expect(read[1]?.qualifier).toBe(read[0]?.qualifier)
})

test('notices cells cut short or with lengths that do not fit', () => {
  const bytes = encode([sample])
  for (let end = 1; end < bytes.length; end++) {
    const reader = new CellReader(bytes.subarray(0, end), new NameCache())
    expect(() => reader.next(0)).toThrow(RangeError)
  }
  for (const at of [3, 7, 11, 13, 16]) {
    const broken = Buffer.from(bytes)
    broken.writeUInt8(broken.readUInt8(at) + 40, at)
    expect(() => new CellReader(broken, new NameCache()).next(0)).toThrow(RangeError)
  }
})
