import { expect, test } from 'vitest'
import { RegionInfo, ScanResponse, ServerName, TableSchema } from '../../hbase/wire/messages.ts'
import { FrameReader } from '../../hbase/frames.ts'
import { Reader } from '../../hbase/wire/reader.ts'
import { Writer, putVarint, varintSize } from '../../hbase/wire/writer.ts'

test.each([0, 1, 127, 128, 300, 16_383, 16_384, 2_097_151, 2_097_152, 268_435_456, 2 ** 31 - 1])(
  'writes %i in as many bytes as it says',
  (value) => {
    const bytes = Buffer.alloc(10)
    const end = putVarint(bytes, 0, value)
    expect(end).toBe(varintSize(value))
    expect(new Reader(bytes, 0, end).uint()).toBe(value)
  },
)

test.each([2 ** 31, 2 ** 32, 2 ** 40 + 12_345, Number.MAX_SAFE_INTEGER])(
  'carries %i, which is more than 32 bits',
  (value) => {
    const bytes = Buffer.alloc(10)
    expect(new Reader(bytes, 0, putVarint(bytes, 0, value)).uint()).toBe(value)
  },
)

test('refuses a number it cannot hold exactly', () => {
  const writer = new Writer()
  writer.uint64(2n ** 53n)
  expect(() => new Reader(writer.bytes).uint()).toThrow(RangeError)
  expect(new Reader(writer.bytes).uint64()).toBe(2n ** 53n)
})

test('carries 64-bit ids in both directions', () => {
  const name = { hostName: 'h', port: 16_020, startCode: 0xfedc_ba98_7654_3210n }
  expect(ServerName.decode(ServerName.encode(name))).toEqual(name)
})

test('writes what protobuf writes', () => {
  // 0a 01 'h' | 10 94 7d
  expect(ServerName.encode({ hostName: 'h', port: 16_020 }).toString('hex')).toBe('0a016810947d')
})

test('writes negative numbers as 64 bits', () => {
  const bytes = RegionInfo.encode({ replicaId: -1 })
  expect(bytes.toString('hex')).toBe('38ffffffffffffffffff01')
  expect(RegionInfo.decode(bytes).replicaId).toBe(-1)
})

test('carries nested and repeated fields', () => {
  const pair = { first: Buffer.from('VERSIONS'), second: Buffer.from('3') }
  const family = { name: Buffer.from('d'), attributes: [pair, pair], configuration: [] }
  const schema = { attributes: [pair], columnFamilies: [family, family] }
  expect(TableSchema.decode(TableSchema.encode(schema))).toEqual(schema)
})

test('keeps free space in front of a message', () => {
  const bytes = ServerName.encode({ hostName: 'h' }, 7)
  expect(bytes.subarray(7).toString('hex')).toBe('0a0168')
})

test('passes over fields it does not know', () => {
  const bytes = Buffer.from('f8ff0305' + 'fa3f02abcd' + 'f93f0102030405060708' + '0a0168', 'hex')
  expect(ServerName.decode(bytes)).toEqual({ hostName: 'h' })
})

test('reads repeated numbers packed or one by one', () => {
  expect(ScanResponse.decode(Buffer.from('08030804', 'hex')).cellsPerResult).toEqual([3, 4])
  expect(ScanResponse.decode(Buffer.from('0a020304', 'hex')).cellsPerResult).toEqual([3, 4])
})

test('notices a message cut anywhere', () => {
  const bytes = ServerName.encode({ hostName: 'host', port: 300 })
  const whole = [0, 6, bytes.length]
  for (let end = 0; end <= bytes.length; end++) {
    const read = () => ServerName.decode(bytes.subarray(0, end))
    if (whole.includes(end)) expect(read).not.toThrow()
    else expect(read).toThrow(RangeError)
  }
})

test.each([1, 2, 3, 5, 8, 13, 1000])('cuts frames out of pieces of %i bytes', (size) => {
  const frames = ['', 'a', 'longer than the others', 'x'.repeat(300), 'end'].map((s) =>
    Buffer.from(s),
  )
  const stream = Buffer.concat(
    frames.flatMap((frame) => {
      const head = Buffer.alloc(4)
      head.writeUInt32BE(frame.length)
      return [head, frame]
    }),
  )
  const seen: Buffer[] = []
  const reader = new FrameReader((frame) => seen.push(frame))
  const memory = Buffer.alloc(size)
  for (let at = 0; at < stream.length; at += size)
    reader.push(memory.subarray(0, stream.copy(memory, 0, at, at + size)))
  memory.fill(0)
  expect(seen.map(String)).toEqual(frames.map(String))
})

test('refuses a frame of absurd length', () => {
  const reader = new FrameReader(() => {})
  expect(() => {
    reader.push(Buffer.from('ffffffff', 'hex'))
  }).toThrow(RangeError)
})
