import { describe, expect, test } from 'vitest'
import {
  bytes,
  cell,
  createTable,
  marker,
  openClient,
  put,
  scanAll,
  show,
  text,
  uniqueName,
} from './server.ts'
import { KeyType } from '../../hbase/index.ts'

const client = openClient()
const key = (i: number) => `k${String(i).padStart(5, '0')}`
const keys = (rows: readonly { readonly row: Uint8Array }[]) => rows.map(({ row }) => text(row))

describe('a table of many regions', () => {
  const filled = (async () => {
    const splits = Array.from({ length: 15 }, (_, i) => bytes(key((i + 1) * 250)))
    const table = await createTable(client, { splits })
    const rows = Array.from({ length: 4000 }, (_, i) => put(key(i), 1, `v${i}`.padEnd(100)))
    await client.mutate(table, rows)
    return table
  })()

  test('is read whole and in order', async () => {
    const rows = await scanAll(client, await filled)
    expect(keys(rows)).toEqual(Array.from({ length: 4000 }, (_, i) => key(i)))
    expect(show(rows[3999]).trim()).toBe('q=v3999')
  })

  test('is read whole in small pages', async () => {
    const rows = await scanAll(client, await filled, { pageBytes: 3000 })
    expect(keys(rows)).toEqual(Array.from({ length: 4000 }, (_, i) => key(i)))
  })

  test.each([
    ['from a row inside a region', { start: bytes(key(300)) }, 300, 4000],
    ['after a row', { start: bytes(key(300)), startExclusive: true }, 301, 4000],
    ['up to a row', { stop: bytes(key(1234)) }, 0, 1234],
    ['between the bounds of a region', { start: bytes(key(250)), stop: bytes(key(500)) }, 250, 500],
    ['over a bound', { start: bytes(key(499)), stop: bytes(key(501)) }, 499, 501],
    ['an empty range', { start: bytes(key(5)), stop: bytes(key(5)) }, 0, 0],
    ['a range the wrong way round', { start: bytes(key(9)), stop: bytes(key(5)) }, 0, 0],
  ])('is read %s', async (_what, range, from, to) => {
    const rows = await scanAll(client, await filled, range)
    expect(keys(rows)).toEqual(Array.from({ length: to - from }, (_, i) => key(from + i)))
  })

  test('gives one cell without value per row when only keys are asked for', async () => {
    const rows = await scanAll(client, await filled, { keysOnly: true })
    expect(rows).toHaveLength(4000)
    expect(rows.every(({ cells }) => cells.length === 1 && cells[0]?.value.length === 0)).toBe(true)
  })

  test('can be left early, again and again, without losing scanners', async () => {
    for (let i = 0; i < 20; i++) {
      for await (const page of client.scan(await filled, { pageBytes: 2000 })) {
        expect(text(page[0]?.row ?? bytes(''))).toBe(key(0))
        break
      }
    }
  })

  test('is read whole while its regions split', async () => {
    const table = await filled
    const other = openClient()
    const seen: string[] = []
    const split = new Set<number>()
    for await (const page of client.scan(table, { pageBytes: 8000 })) {
      seen.push(...keys(page))
      // The region being read, behind the page just seen.
      const ahead = seen.length + 60
      const inMiddle = ahead % 250 > 70 && ahead % 250 < 230
      const region = Math.floor(ahead / 250)
      if (inMiddle && !split.has(region) && split.size < 4) {
        await other.admin.split(table, bytes(key(ahead)))
        split.add(region)
      }
    }
    expect(split.size).toBe(4)
    expect(seen).toEqual(Array.from({ length: 4000 }, (_, i) => key(i)))
  })
})

test('an empty table has no rows', async () => {
  expect(await scanAll(client, await createTable(client))).toEqual([])
  expect(await scanAll(client, await createTable(client, { splits: [bytes('m')] }))).toEqual([])
})

test('tables whose names begin alike are kept apart', async () => {
  const orders = uniqueName('orders')
  const names = [orders, `${orders}_archive`, `${orders}0`, `${orders}.x`]
  for (const name of names) await createTable(client, { name, splits: [bytes('m')] })
  for (const name of names) {
    await client.mutate(name, [put('a', 1, name), put('z', 1, name)])
  }
  for (const name of names) {
    const fresh = openClient()
    expect((await scanAll(fresh, name)).map(show)).toEqual([`q=${name}`, `q=${name}`])
    expect((await fresh.get(name, [bytes('z')])).map(show)).toEqual([`q=${name}`])
    expect(await fresh.regions(name)).toHaveLength(2)
  }
})

test('rows larger than a page come whole', async () => {
  const table = await createTable(client)
  const wide = Array.from({ length: 60 }, (_, i) =>
    cell(`c${String(i).padStart(3, '0')}`, 1, Buffer.alloc(10_000, i)),
  )
  await client.mutate(
    table,
    ['a', 'b', 'c'].map((row) => ({ row: bytes(row), cells: wide })),
  )
  const rows = await scanAll(client, table, { pageBytes: 100_000 })
  expect(keys(rows)).toEqual(['a', 'b', 'c'])
  expect(rows.map(({ cells }) => cells.map(({ value }) => value[0]))).toEqual(
    ['a', 'b', 'c'].map(() => wide.map((_, i) => i)),
  )
})

test('a raw scan shows markers and what they hide', async () => {
  const table = await createTable(client, { versions: 1 })
  await client.mutate(table, [{ row: bytes('r'), cells: [cell('q', 1, 'old')] }])
  await client.mutate(
    table,
    [{ row: bytes('r'), cells: [marker(KeyType.deleteFamily, 5), cell('q', 6, 'new')] }],
    { atomic: true },
  )
  const [row] = await scanAll(client, table, { raw: true, versions: 10 })
  expect(row?.cells.map(({ type, timestamp }) => [type, timestamp])).toEqual([
    [14, 5],
    [4, 6],
    [4, 1],
  ])
  expect((await scanAll(client, table)).map(show)).toEqual(['q=new'])
})

test('binary keys and columns survive', async () => {
  const table = await createTable(client, { splits: [Buffer.from([0x80]), Buffer.from([0xc0])] })
  const rows = [
    Buffer.from([0]),
    Buffer.from([0x80]),
    Buffer.from([0xbf, 0xff]),
    Buffer.from([0xff, 0xff]),
  ]
  const qualifier = Buffer.from([0xff, 0, 0x3a])
  const cells = [{ ...cell('', 1, Buffer.from([0xfe])), qualifier }]
  await client.mutate(
    table,
    rows.map((row) => ({ row, cells })),
  )
  const read = await scanAll(client, table)
  expect(read.map(({ row }) => Buffer.from(row).toString('hex'))).toEqual(
    rows.map((row) => row.toString('hex')),
  )
  expect(read[0]?.cells[0]?.qualifier).toEqual(qualifier)
})

test('only the families asked for are returned', async () => {
  const name = uniqueName()
  const families = [{ name: 'd' }, { name: 'e' }]
  await client.admin.createTable({ name, families, attributes: {} })
  const cells = [cell('q', 1, 'd'), { ...cell('q', 1, 'e'), family: bytes('e') }]
  await client.mutate(name, [{ row: bytes('r'), cells }])
  expect((await scanAll(client, name, { families: ['e'] })).map(show)).toEqual(['q=e'])
  expect((await client.get(name, [bytes('r')], { families: ['d'] })).map(show)).toEqual(['q=d'])
})

test('a missing table is not an empty one', async () => {
  await expect(scanAll(client, uniqueName())).rejects.toMatchObject({ code: 'TABLE_NOT_FOUND' })
})
