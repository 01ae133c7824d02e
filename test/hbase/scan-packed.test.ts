import { beforeAll, describe, expect, test } from 'vitest'
import { BufferPool } from '../../hbase/buffers.ts'
import { HBaseError } from '../../hbase/index.ts'
import type { Cell, PackedResults, Result, ScanOptions } from '../../hbase/index.ts'
import { Coverage } from '../../hbase/scan/coverage.ts'
import { PackedAssembly } from '../../hbase/scan/packed-assembly.ts'
import { cellSize, putCell } from '../../hbase/wire/cellblock.ts'
import { Slab } from '../../hbase/wire/slab.ts'
import {
  bytes,
  cell,
  createTable,
  openClient,
  put,
  replace,
  scanAll,
  text,
  uniqueName,
} from './server.ts'
import { unpacked } from './unpack.ts'

const client = openClient()
const key = (i: number) => `k${String(i).padStart(3, '0')}`
const ROWS = 200
let table: string

beforeAll(async () => {
  table = uniqueName('packed')
  const families = ['d', 'e'].map((name) => ({ name, attributes: { VERSIONS: '3' } }))
  const splits = [50, 100, 150].map((i) => bytes(key(i)))
  await client.admin.createTable({ name: table, families, attributes: {} }, splits)
  for (const timestamp of [1, 2])
    await client.mutate(
      table,
      Array.from({ length: ROWS }, (_, i) => ({
        row: bytes(key(i)),
        cells: [
          ...Array.from({ length: 1 + (i % 4) }, (_c, c) => cell(`c${c}`, timestamp, `${i} ${c}`)),
          { ...cell('', timestamp, ''), family: bytes('e') },
        ],
      })),
    )
  await client.mutate(table, [put('a long one', 5, 'x')])
  for (let part = 0; part < 8; part++) {
    const cells = Array.from({ length: 10 }, (_, c) =>
      cell(`p${part}${c}`, 5, Buffer.alloc(9000, part)),
    )
    await client.mutate(table, [{ row: bytes('a long one'), cells }])
  }
  await client.mutate(table, [replace(key(7), 9, ['this'])], { atomic: true })
})

async function packedAll(options: ScanOptions): Promise<Result[]> {
  const rows: Result[] = []
  for await (const page of client.scanPacked(table, options)) {
    const results = unpacked(page)
    expect(results).toHaveLength(page.length)
    expect(page.nextRow()).toBe(false)
    expect(page.nextCell()).toBe(false)
    rows.push(...results)
  }
  return rows
}

test.each<[string, ScanOptions, number]>([
  ['everything', {}, ROWS + 1],
  ['rows that come in parts', { pageBytes: 20_000 }, ROWS + 1],
  ['three rows an answer', { pageRows: 3 }, ROWS + 1],
  ['a range', { start: bytes(key(49)), stop: bytes(key(101)) }, 52],
  ['backwards, in parts', { reversed: true, pageBytes: 10_000 }, ROWS + 1],
  ['a limit', { limit: 7, pageRows: 3 }, 7],
  ['a limit that a page reaches', { limit: 60 }, 60],
  ['all versions', { versions: Infinity }, ROWS + 1],
  ['markers, and what they hide', { raw: true, versions: Infinity }, ROWS + 1],
  ['keys only', { keysOnly: true }, ROWS + 1],
  ['one family', { families: ['e'] }, ROWS],
  ['one column', { columns: [{ family: 'd', qualifiers: [bytes('c3')] }] }, ROWS / 4 - 1],
  ['times', { timeRange: { from: 9, to: 10 } }, 1],
  ['a filter', { filter: { kind: 'prefix', prefix: bytes('k1') } }, 100],
  ['nothing', { start: bytes('z') }, 0],
])('gives what a scan of objects gives: %s', async (_what, options, count) => {
  const rows = await packedAll(options)
  expect(rows).toEqual(await scanAll(client, table, options))
  expect(rows).toHaveLength(count)
})

test('can be aborted', async () => {
  const signal = AbortSignal.abort()
  await expect(packedAll({ signal })).rejects.toThrow(HBaseError)
})

const encode = (row: string, cells: readonly Cell[]): Buffer => {
  const block = Buffer.alloc(cells.reduce((sum, one) => sum + cellSize(bytes(row), one), 0))
  const slab = new Slab(block)
  let end = 0
  for (const one of cells) end = putCell(slab, end, bytes(row), one)
  return block
}

const newAssembly = () => new PackedAssembly(new BufferPool())

function pageOf(rows: readonly string[]): PackedResults {
  const [page] = newAssembly().pages(answer(rows))
  if (page === undefined) throw new Error('no page')
  return page
}

/** An answer of one cell per result; `+` behind a row says that it goes on. */
const answer = (rows: readonly string[], last = false) => ({
  cellblock: Buffer.concat(rows.map((row) => encode(row.replace('+', ''), [cell('q', 1, row)]))),
  cellsPerResult: rows.map(() => 1),
  partialFlags: rows.map((row) => row.endsWith('+')),
  last,
})

describe('pieces of rows', () => {
  const shown = (assembly: PackedAssembly, rows: readonly string[], last = false): string[] =>
    assembly
      .pages(answer(rows, last))
      .flatMap(unpacked)
      .map(({ row, cells }) => `${text(row)}:${cells.map(({ value }) => text(value)).join('')}`)

  test('are joined over answers', () => {
    const assembly = newAssembly()
    expect(shown(assembly, ['a', 'b+'])).toEqual(['a:a'])
    expect(shown(assembly, ['b+'])).toEqual([])
    expect(shown(assembly, ['b', 'c+'])).toEqual(['b:b+b+b'])
    expect(shown(assembly, ['c+', 'c'])).toEqual(['c:c+c+c'])
  })

  test('end with the scanner, or with the next row', () => {
    const assembly = newAssembly()
    expect(shown(assembly, ['a+', 'b+'])).toEqual(['a:a+'])
    expect(shown(assembly, ['c'])).toEqual(['b:b+', 'c:c'])
    expect(shown(assembly, ['d+'], true)).toEqual(['d:d+'])
    expect(shown(assembly, [], true)).toEqual([])
  })

  test('are dropped when their scanner is lost', () => {
    const assembly = newAssembly()
    expect(shown(assembly, ['a', 'b+'])).toEqual(['a:a'])
    assembly.lost()
    expect(shown(assembly, ['b+', 'b'])).toEqual(['b:b+b'])
  })
})

test.each([
  ['are cut short', (block: Buffer) => block.subarray(0, -1)],
  ['are more than announced', (block: Buffer) => Buffer.concat([block, block])],
  ['have a value of a length below none', (block: Buffer) => edited(block, 8, -1)],
  ['have a key that does not fit', (block: Buffer) => edited(block, 4, 9)],
  ['have a family beyond the key', (block: Buffer) => edited(block, 13, 60)],
])('cells that %s are refused', (_what, damaged) => {
  const whole = answer(['a', 'b'])
  const assembly = newAssembly()
  expect(() => assembly.pages({ ...whole, cellblock: damaged(whole.cellblock) })).toThrow(
    RangeError,
  )
})

const edited = (block: Buffer, at: number, value: number): Buffer => {
  const copy = Buffer.from(block)
  if (at === 13) copy[at] = value
  else {
    // The lengths still add up
    const other = at === 8 ? 4 : 8
    copy.writeInt32BE(copy.readInt32BE(other) + copy.readInt32BE(at) - value, other)
    copy.writeInt32BE(value, at)
  }
  return copy
}

test.each([
  ['descend', ['b', 'a']],
  ['repeat', ['a', 'a']],
  ['leave the region', ['a', 'z']],
  ['begin before it', ['A', 'c']],
])('the proof fails when packed rows %s', (_what, keys) => {
  const proof = new Coverage({ table: 't' })
  const [start, end] = [bytes('a'), bytes('m')]
  const name = bytes('t,,1')
  proof.enter({ ...REGION, name, start: Buffer.alloc(0), end: start })
  proof.leave()
  proof.enter({ ...REGION, name, start, end })
  expect(() => {
    proof.rows(pageOf(keys))
  }).toThrow(expect.objectContaining({ code: 'SCAN_INCOMPLETE' }))
})

const REGION = {
  table: 't',
  specifier: Buffer.alloc(0),
  id: 1n,
  seqNum: 1n,
  server: 's:1',
  info: {},
}

test('long keys are in order too', () => {
  const long = 'k'.repeat(100)
  const page = pageOf([`${long}a`, `${long}b`, `${long}bb`, long])
  const signs = [1, 2, 3].map((i) => Math.sign(page.order(i)))
  expect(signs).toEqual([-1, -1, 1])
})

describe('the memory of pages', () => {
  test('is used again: a scan takes what two pages need, however many it has', async () => {
    const wide = await createTable(client)
    const value = Buffer.alloc(60_000, 'v')
    const rows = Array.from({ length: 60 }, (_, i) => put(key(i), 1, value))
    await client.mutate(wide, rows)
    const memory = new Set<ArrayBufferLike>()
    let pages = 0
    for await (const page of client.scanPacked(wide, { pageRows: 2 })) {
      memory.add(page.bytes.buffer)
      pages++
    }
    expect(pages).toBeGreaterThanOrEqual(30)
    expect(memory.size).toBeLessThan(5)
  })

  test('is not read again: a page that is looked at too late says so', async () => {
    const pages: PackedResults[] = []
    for await (const page of client.scanPacked(table, { pageRows: 50 })) pages.push(page)
    expect(() => pages[0]?.nextRow()).toThrow(expect.objectContaining({ code: 'READ_INVALID' }))
  })

  test('is not read again in the middle of a row either', async () => {
    const pages: PackedResults[] = []
    for await (const page of client.scanPacked(table, { pageRows: 50 })) {
      if (page.nextRow()) page.nextCell()
      pages.push(page)
    }
    for (const page of pages)
      expect(() => page.nextCell()).toThrow(expect.objectContaining({ code: 'READ_INVALID' }))
  })

  test("stays the consumer's when it leaves the loop", async () => {
    const wide = await createTable(client)
    const fill = (letter: string) =>
      client.mutate(
        wide,
        Array.from({ length: 20 }, (_, i) => put(key(i), 1, Buffer.alloc(50_000, letter))),
      )
    await fill('v')
    const kept: PackedResults[] = []
    for await (const page of client.scanPacked(wide, { pageRows: 2 })) {
      kept.push(page)
      break
    }
    await fill('w')
    for await (const page of client.scanPacked(wide, { pageRows: 2 })) expect(page.length).toBe(2)
    const rows = kept.flatMap(unpacked)
    expect(rows.map(({ cells }) => text(cells[0]?.value.subarray(0, 3) ?? bytes('')))).toEqual([
      'vvv',
      'vvv',
    ])
  })

  test('may change without harm to the proof', () => {
    const proof = new Coverage({ table: 't' })
    proof.enter({ ...REGION, name: bytes('t,,1'), start: Buffer.alloc(0), end: Buffer.alloc(0) })
    const page = pageOf(['a', 'm'])
    proof.rows(page)
    page.bytes.fill('z')
    expect(proof.next.row).toEqual(bytes('m'))
    expect(() => {
      proof.rows(pageOf(['c']))
    }).toThrow(expect.objectContaining({ code: 'SCAN_INCOMPLETE' }))
  })

  test('is only kept when it came from there', () => {
    const pool = new BufferPool()
    const mine = pool.take(100_000)
    pool.give(Buffer.alloc(1 << 20))
    pool.give(bytes('a part of memory that others use'))
    pool.give(mine.subarray(20))
    pool.give(mine)
    expect(pool.take(70_000).buffer).toBe(mine.buffer)
    expect(pool.take(10).buffer).not.toBe(mine.buffer)
    expect(pool.take(1 << 20).buffer.byteLength).toBe(1 << 20)
  })
})
