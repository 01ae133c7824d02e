import { expect, test } from 'vitest'
import { bytes, createTable, openClient, put, replace, scanAll, show, text } from './server.ts'
import { KeyType } from '../../hbase/index.ts'
import { marker } from './server.ts'

const client = openClient()
const KEEP_A_DAY = { 'hbase.hstore.time.to.purge.deletes': '86400000' }

test('readers never see half of a replaced row', async () => {
  const table = await createTable(client, { splits: [bytes('r150')] })
  const rows = Array.from({ length: 300 }, (_, i) => `r${String(i).padStart(3, '0')}`)
  const image = (at: number) => rows.map((row) => replace(row, at, Array<string>(5).fill(`v${at}`)))
  await client.mutate(table, image(1000), { atomic: true })
  const reader = openClient()
  let writing = true
  const broken: string[] = []
  let reads = 0
  const read = async () => {
    while (writing) {
      for (const result of await reader.get(
        table,
        [rows[reads % 300], rows[299]].map((row) => bytes(row ?? '')),
      )) {
        const values = new Set(result?.cells.map(({ value }) => text(value)))
        if (result?.cells.length !== 5 || values.size !== 1) broken.push(show(result))
        reads++
      }
    }
  }
  const reading = read()
  for (let at = 1010; at < 1600; at += 10) await client.mutate(table, image(at), { atomic: true })
  writing = false
  await reading
  expect(broken).toEqual([])
  expect(reads).toBeGreaterThan(50)
})

test.each([
  { what: 'stays hidden where markers are kept', configuration: KEEP_A_DAY, after: '' },
  { what: 'comes back where they are not, as a control', configuration: {}, after: 'q=late' },
])(
  'after flush and major compaction a late older value $what',
  async ({ configuration, after }) => {
    const table = await createTable(client, { configuration })
    const now = Date.now()
    const late = () => client.mutate(table, [put('r', now - 10, 'late')])
    const read = async () => show((await client.get(table, [bytes('r')]))[0])
    await client.mutate(table, [put('r', now - 20, 'first')])
    await client.mutate(table, [{ row: bytes('r'), cells: [marker(KeyType.deleteFamily, now)] }], {
      atomic: true,
    })
    expect(await read()).toBe('')
    await late()
    expect(await read()).toBe('')
    await client.admin.flush(table)
    await client.admin.compact(table, { major: true })
    await late()
    expect(await read()).toBe(after)
    expect((await scanAll(client, table)).map(show).join()).toBe(after)
  },
)

test('writing a replaced row again, in any order, changes nothing', async () => {
  const table = await createTable(client, { configuration: KEEP_A_DAY })
  const now = Date.now()
  const images = [1, 2, 3].map((step) =>
    replace('r', now + step * 10, [`v${step}`, `w${step}`].slice(0, 3 - step)),
  )
  const order = [2, 0, 1, 1, 2, 0, 1, 0]
  for (const i of order) await client.mutate(table, images.slice(i, i + 1), { atomic: true })
  expect(await scanAll(client, table)).toEqual([])
})
