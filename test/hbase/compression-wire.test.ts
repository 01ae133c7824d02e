import { gunzipSync, gzipSync } from 'node:zlib'
import { randomBytes } from 'node:crypto'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { afterAll, describe, expect, test } from 'vitest'
import { CHANNELS, HBaseClient } from '../../hbase/index.ts'
import type { ClientOptions, ConnectionMessage } from '../../hbase/index.ts'
import { HEADROOM } from '../../hbase/call.ts'
import { compressed, decompressed } from '../../hbase/compression.ts'
import { createTable, openClient, put, scanAll, show } from './server.ts'
import { openTampered } from './tampering.ts'
import { replyOf, withReply } from './answers.ts'

const GZIP = { compression: 'gzip' } as const
const ROWS = Array.from({ length: 300 }, (_, i) => put(`r${1000 + i}`, 1, `v${i}`.padEnd(300)))

const closed: string[] = []
const hear = (message: unknown) => {
  const { state, why } = message as ConnectionMessage
  if (state === 'closed') closed.push(why ?? '')
}
subscribe(CHANNELS.connection, hear)
afterAll(() => unsubscribe(CHANNELS.connection, hear))

test('cells are much smaller on the way, in both directions', async () => {
  const table = await createTable(openClient())
  const carried = { out: 0, in: 0 }
  const client = await openTampered(
    {
      request: (frame) => {
        carried.out += frame.length
        return [frame]
      },
      answer: (frame) => {
        carried.in += frame.length
        return frame
      },
    },
    GZIP,
  )
  expect(await client.mutate(table, ROWS)).toEqual([])
  expect(await scanAll(client, table)).toHaveLength(ROWS.length)
  // 300 cells of 340 bytes; what else there is, are messages.
  expect(carried.out).toBeLessThan(25_000)
  expect(carried.in).toBeLessThan(25_000)
})

describe('a block that was damaged on the way', () => {
  const damages: [string, (block: Buffer) => Buffer][] = [
    ['in its middle', (block) => changed(block, block.length >> 1)],
    ['in its beginning', (block) => changed(block, 0)],
    ['in the sum over it', (block) => changed(block, block.length - 8)],
    ['in its size', (block) => changed(block, block.length - 4)],
    ['by being cut', (block) => block.subarray(0, -20)],
    ['by being no gzip', (block) => gunzipSync(block)],
  ]

  test.each(damages)('%s, ends the connection; the rows are read again', async (_where, damage) => {
    const table = await createTable(openClient())
    await openClient().mutate(table, ROWS)
    let damaged = 0
    const client = await openTampered(
      {
        answer: (frame) =>
          replyOf(frame).cells.length > 0 && ++damaged % 3 === 1
            ? withReply(frame, ({ parameter, cells }) => ({ parameter, cells: damage(cells) }))
            : frame,
      },
      GZIP,
    )
    closed.length = 0
    const rows = await scanAll(client, table, { pageBytes: 10_000 })
    expect(rows.map(show)).toEqual(ROWS.map((_, i) => `q=${`v${i}`.padEnd(300)}`))
    expect(damaged).toBeGreaterThan(3)
    expect(closed.filter((why) => why.endsWith('sent cells that cannot be unpacked')).length).toBe(
      Math.ceil(damaged / 3),
    )
  })

  test('again and again, is a typed error at the deadline', async () => {
    const table = await createTable(openClient())
    await openClient().mutate(table, ROWS)
    const client = await openTampered(
      {
        answer: (frame) =>
          withReply(frame, ({ parameter, cells }) => ({
            parameter,
            cells: cells.length > 0 ? changed(cells, cells.length >> 1) : cells,
          })),
      },
      { ...GZIP, operationTimeoutMs: 1500 },
    )
    await expect(scanAll(client, table)).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringContaining('cells that cannot be unpacked') as string,
    })
  })
})

const changed = (block: Buffer, at: number): Buffer => {
  const other = Buffer.from(block)
  other[at] = (other[at] ?? 0) ^ 0x5a
  return other
}

describe('a block on its own', () => {
  const NOTHING = Buffer.alloc(0)
  const requestOf = (cells: Buffer) => ({
    method: 'Multi',
    bytes: Buffer.concat([Buffer.alloc(HEADROOM), Buffer.from('parameter'), cells]),
    cellsAt: HEADROOM + 9,
  })
  const replyWith = (cells: Buffer) => ({ parameter: NOTHING, cells })
  /** Says that it has so many bytes. */
  const claiming = (cells: Buffer, size: number): Buffer => {
    const block = gzipSync(cells)
    block.writeUInt32LE(size, block.length - 4)
    return block
  }

  test.each([
    ['one byte', Buffer.from('x')],
    ['a million zeros', Buffer.alloc(1_000_000)],
    ['what cannot be compressed', randomBytes(1 << 20)],
  ])('%s comes out as it went in', async (_what, cells) => {
    const sent = await compressed(requestOf(cells))
    expect(sent.bytes.subarray(HEADROOM, sent.cellsAt).toString()).toBe('parameter')
    const block = sent.bytes.subarray(sent.cellsAt)
    expect(gunzipSync(block).equals(cells)).toBe(true)
    expect((await decompressed(replyWith(block))).cells.equals(cells)).toBe(true)
  })

  test('a call without cells is sent and answered as it is', async () => {
    const request = requestOf(NOTHING)
    expect(await compressed(request)).toBe(request)
    const reply = replyWith(NOTHING)
    expect(await decompressed(reply)).toBe(reply)
    const none = await decompressed(replyWith(gzipSync(NOTHING)))
    expect(none.cells).toHaveLength(0)
  })

  test.each([
    ['holds more than it says', claiming(Buffer.alloc(10_000_000), 1000), /larger than/],
    ['says more than it could hold', claiming(Buffer.alloc(1000), 500_000), /says it has 500000/],
    [
      'says more than a frame may have',
      claiming(randomBytes(3 << 20), 2 ** 31),
      /says it has 2147483648/,
    ],
    ['says more than it holds', claiming(Buffer.alloc(100_000), 100_001), /incorrect length/],
    ['is shorter than its own size', Buffer.from('abc'), /outside buffer/],
    [
      'is followed by something else',
      Buffer.concat([gzipSync(Buffer.from('cells')), Buffer.from([0, 0, 0, 0, 9, 0, 0, 0])]),
      /another size/,
    ],
  ])('one that %s is refused', async (_what, block, says) => {
    await expect(decompressed(replyWith(block))).rejects.toThrow(says)
  })
})

test('a compression nobody knows is refused', () => {
  const options = { endpoints: ['127.0.0.1:1'], compression: 'lz4' } as unknown as ClientOptions
  expect(() => new HBaseClient(options)).toThrow(expect.objectContaining({ code: 'CONFIGURATION' }))
})
