import { beforeAll, describe, expect, test } from 'vitest'
import { bytes, cell, createTable, marker, openClient, put, text } from './server.ts'
import { KeyType } from '../../hbase/index.ts'
import type { HBaseClient, Result, ScanOptions } from '../../hbase/index.ts'
import type { Tampering } from './tampering.ts'
import { openTampered } from './tampering.ts'
import { replyOf } from './answers.ts'

const ROWS = 300
const COLUMNS = 40
const key = (i: number) => `k${String(i).padStart(4, '0')}`

let table: string
let wide: string

beforeAll(async () => {
  const client = openClient()
  table = await createTable(client, { splits: [bytes(key(70)), bytes(key(150))] })
  const rows = Array.from({ length: ROWS }, (_, i) => put(key(i), 1, `v${i}`.padEnd(300)))
  await client.mutate(table, rows)
  wide = await createTable(client, { splits: [bytes('r2')], versions: 3 })
  for (const timestamp of [1, 2, 3]) {
    const cells = Array.from({ length: COLUMNS }, (_, i) =>
      cell(`c${String(i).padStart(2, '0')}`, timestamp, `${i}`.padEnd(200)),
    )
    const atomic = { atomic: true }
    const hidden = marker(KeyType.deleteColumn, 2, 'c07')
    const all = timestamp === 3 ? [...cells, hidden] : cells
    for (const row of ['r0', 'r1', 'r2', 'r3']) {
      await client.mutate(wide, [{ row: bytes(row), cells: all }], atomic)
    }
  }
})

/** Every n-th answer with cells is lost on the way, together with its connection. */
function losing(each: number): Tampering & { lost: number } {
  let answers = 0
  const tampering = {
    lost: 0,
    answer: (frame: Buffer) => {
      if (replyOf(frame).cells.length === 0 || ++answers % each !== 0) return frame
      tampering.lost++
      return 'cut' as const
    },
  }
  return tampering
}

async function scanned(client: HBaseClient, name: string, options: ScanOptions): Promise<Result[]> {
  const all: Result[] = []
  for await (const page of client.scan(name, options)) all.push(...page)
  return all
}

const cellsOf = (results: readonly Result[]) =>
  results.flatMap(({ row, cells }) =>
    cells.map(({ qualifier, timestamp, type }) =>
      [text(row), text(qualifier), timestamp, type].join(' '),
    ),
  )

describe('answers that are lost on the way', () => {
  test.each<[string, ScanOptions]>([
    ['forwards', {}],
    ['reversed', { reversed: true }],
    ['with a limit of rows', { limit: 200 }],
    ['between open ends', { start: bytes(key(20)), stop: bytes(key(260)), startExclusive: true }],
  ])('neither lose nor repeat a row: %s', async (_how, options) => {
    const tampering = losing(3)
    const client = await openTampered(tampering)
    const expected = await scanned(openClient(), table, options)
    const rows = await scanned(client, table, { ...options, pageBytes: 4000 })
    expect(rows.map(({ row }) => text(row))).toEqual(expected.map(({ row }) => text(row)))
    expect(tampering.lost).toBeGreaterThan(5)
  })

  test.each<[string, ScanOptions]>([
    ['of a few cells each', { batch: 7 }],
    ['of one cell each', { batch: 1 }],
    ['with all versions and markers', { batch: 7, raw: true, versions: Infinity }],
    ['from the last row to the first', { batch: 7, reversed: true, versions: 3 }],
  ])('neither lose nor repeat a cell of a row in parts %s', async (_how, options) => {
    // A row is always read from its start again, so that some answers must arrive to get on.
    const tampering = losing(9)
    const client = await openTampered(tampering)
    const expected = await scanned(openClient(), wide, options)
    const parts = await scanned(client, wide, { ...options, pageBytes: 6000, pageRows: 10 })
    expect(cellsOf(parts)).toEqual(cellsOf(expected))
    expect(parts.map(({ cells }) => cells.length)).toEqual(
      expected.map(({ cells }) => cells.length),
    )
    expect(tampering.lost).toBeGreaterThan(0)
  })

  test('leave whole rows whole', async () => {
    const tampering = losing(5)
    const client = await openTampered(tampering)
    const options = { raw: true, versions: Infinity }
    const expected = await scanned(openClient(), wide, options)
    // A row comes in several answers, all of which must arrive.
    const rows = await scanned(client, wide, { ...options, pageBytes: 25_000 })
    expect(rows).toHaveLength(4)
    expect(cellsOf(rows)).toEqual(cellsOf(expected))
    expect(tampering.lost).toBeGreaterThan(0)
  })
})

test('a request that arrives twice does not make the scanner pass rows by', async () => {
  let repeated = 0
  const client = await openTampered({
    request: (frame, method) => {
      if (method !== 'Scan') return [frame]
      repeated++
      return [frame, frame]
    },
  })
  const rows = await scanned(client, table, { pageBytes: 4000 })
  expect(rows.map(({ row }) => text(row))).toEqual(Array.from({ length: ROWS }, (_, i) => key(i)))
  expect(repeated).toBeGreaterThan(10)
})
