import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RowPage } from '../../../model/page.ts'
import { addTextRow } from '../../../sources/mysql/text-rows.ts'

/** As the protocol has it: the shortest form that holds the number. */
function length(of: number): Buffer {
  const bytes = Buffer.alloc(9)
  if (of < 0xfb) return Buffer.from([of])
  if (of < 0x10000) return bytes.subarray(0, bytes.writeUInt16LE(of, bytes.writeUInt8(0xfc)))
  return bytes.subarray(0, bytes.writeUIntLE(of, bytes.writeUInt8(0xfd), 3))
}

const encoded = (row: readonly (Uint8Array | null)[]): Buffer =>
  Buffer.concat(
    row.flatMap((one) => (one === null ? [Buffer.from([0xfb])] : [length(one.length), one])),
  )

const packet = (row: Buffer) => {
  const buffer = Buffer.concat([Buffer.from('before'), row, Buffer.from('behind')])
  return { buffer, offset: 6, end: 6 + row.length, isEOF: () => false }
}

const sizes = fc.constantFrom(0, 1, 250, 251, 252, 255, 256, 65_535, 65_536, 70_000)
const value = fc.oneof(
  fc.uint8Array({ maxLength: 20 }),
  fc.constant(null),
  sizes.map((size) => new Uint8Array(size).fill(0xfb)),
)

test('rows are read as they were sent, NULL and values of every length', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(value, value, value), { maxLength: 6 }), (rows) => {
      const page = new RowPage(3)
      for (const row of rows) addTextRow(page, packet(encoded(row)))
      expect(Array.from(page, (row) => row.map((one) => one && Buffer.from(one)))).toEqual(
        rows.map((row) => row.map((one) => one && Buffer.from(one))),
      )
    }),
  )
})

test('a value of the longest form is read', () => {
  const row = Buffer.concat([Buffer.from([0xfe, 3, 0, 0, 0, 0, 0, 0, 0]), Buffer.from('cup')])
  const page = new RowPage(1)
  addTextRow(page, packet(row))
  expect(Buffer.from(page.at(0)?.[0] ?? []).toString()).toBe('cup')
})

test.each([
  ['too short', Buffer.from([3, 97, 98])],
  ['too long', Buffer.from([1, 97, 98])],
  ['of more columns', Buffer.concat([encoded([Buffer.from('a')]), encoded([Buffer.from('b')])])],
  ['of a mark that is none', Buffer.from([0xff, 1])],
])('a row that is %s is an error', (_, row) => {
  expect(() => {
    addTextRow(new RowPage(1), packet(row))
  }).toThrow('row of the server')
})
