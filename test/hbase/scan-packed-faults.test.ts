import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import type { HBaseClient, ScanOptions } from '../../hbase/index.ts'
import { replyOf } from './answers.ts'
import { bytes, cell, createTable, openClient, put, scanAll, text } from './server.ts'
import { openTampered } from './tampering.ts'
import { unpacked } from './unpack.ts'

// Long answers, which come in memory that is used again.
const ROWS = 120
const VALUE = 20_000
const PAGE = { pageBytes: 90_000 }
const client = openClient()
const key = (i: number) => `k${String(i).padStart(4, '0')}`
/** Every value tells whose it is, in every byte. */
const valueOf = (i: number, column: number) => Buffer.alloc(VALUE, `${key(i)}${column} `)
let table: string

const filled = async (splits: readonly number[]): Promise<string> => {
  const name = await createTable(client, { splits: splits.map((i) => bytes(key(i))) })
  await client.mutate(
    name,
    Array.from({ length: ROWS }, (_, i) => ({
      row: bytes(key(i)),
      cells: Array.from({ length: 1 + (i % 3) }, (_c, c) => cell(`c${c}`, 1, valueOf(i, c))),
    })),
  )
  return name
}

beforeAll(async () => {
  table = await filled([30, 70])
})

/** Row after row as key=columns, having looked at every byte; the consumer takes its time. */
async function shown(from: HBaseClient, name: string, options: ScanOptions): Promise<string[]> {
  const rows: string[] = []
  for await (const page of from.scanPacked(name, { ...PAGE, ...options })) {
    await sleep(rows.length % 7)
    for (const { row, cells } of unpacked(page)) {
      const i = Number(text(row).slice(1))
      const isOwn = cells.every(
        ({ value }, c) => options.keysOnly === true || valueOf(i, c).equals(value),
      )
      rows.push(`${text(row)}=${isOwn ? cells.length : 'of another row'}`)
    }
  }
  return rows
}

const expected = async (name: string, options: ScanOptions): Promise<string[]> =>
  (await scanAll(client, name, options)).map(({ row, cells }) => `${text(row)}=${cells.length}`)

describe('answers that are lost on the way neither lose, repeat nor mix packed rows', () => {
  test.each<[string, ScanOptions]>([
    ['forwards', {}],
    ['reversed', { reversed: true }],
    ['with a limit of rows', { limit: 101 }],
    ['between open ends', { start: bytes(key(20)), stop: bytes(key(110)), startExclusive: true }],
    ['keys only', { keysOnly: true, pageRows: 3 }],
  ])('%s', async (_how, options) => {
    let answers = 0
    let lost = 0
    const tampered = await openTampered({
      answer: (frame) => {
        if (replyOf(frame).cells.length === 0 || ++answers % 4 !== 0) return frame
        lost++
        return 'cut'
      },
    })
    expect(await shown(tampered, table, options)).toEqual(await expected(table, options))
    expect(lost).toBeGreaterThan(3)
  })
})

test.each([false, true])(
  'packed rows are read whole while regions split under a slow consumer (reversed: %s)',
  async (reversed) => {
    const name = await filled([20, 40, 60, 80, 100])
    // A half is not split again before it was compacted.
    const splitting = async () => {
      for (const at of [90, 30, 110, 10, 50, 70]) await client.admin.split(name, bytes(key(at)))
    }
    const [rows] = await Promise.all([shown(client, name, { reversed }), splitting()])
    expect(rows).toEqual(await expected(name, { reversed }))
    expect(await client.regions(name)).toHaveLength(12)
    expect(await shown(client, name, { reversed })).toEqual(rows)
  },
)

test('a packed cell may be as large as HBase takes, between small ones', async () => {
  const name = await createTable(client)
  const sizes = [10, 9_900_000, 0, 5_000_000, 70_000]
  for (const [i, size] of sizes.entries())
    await client.mutate(name, [put(key(i), 1, Buffer.alloc(size, i + 1))])
  for (const options of [{}, { reversed: true }, { pageBytes: 1 }, { limit: 2 }, { limit: 4 }]) {
    const found: number[] = []
    for await (const page of client.scanPacked(name, options))
      while (page.nextRow())
        while (page.nextCell()) {
          const i = Number(text(page.row).slice(1))
          expect(page.value.equals(Buffer.alloc(page.value.length, i + 1))).toBe(true)
          found.push(page.value.length)
        }
    const all = options.reversed === true ? sizes.toReversed() : sizes
    expect(found).toEqual(all.slice(0, options.limit))
  }
})

test('packed rows of scans side by side are not mixed', async () => {
  const scans = [{}, { reversed: true }, { limit: 50 }, { start: bytes(key(40)) }, { pageRows: 1 }]
  const found = await Promise.all(scans.map((options) => shown(client, table, options)))
  for (const [i, options] of scans.entries())
    expect(found[i]).toEqual(await expected(table, options))
})
