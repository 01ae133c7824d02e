import { expect, test } from 'vitest'
import { bytes, createTable, openClient, put, scanAll, text, uniqueName } from './server.ts'

const client = openClient()
const { admin } = client

const bounds = async (table: string) =>
  (await admin.regions(table)).map(({ start, end }) => `[${text(start)},${text(end)})`)

async function filled(splits: readonly string[]): Promise<string> {
  const table = await createTable(client, { splits: splits.map(bytes) })
  await client.mutate(
    table,
    ['a', 'g', 'm', 'z'].map((row) => put(row, 1, 'v')),
  )
  return table
}

test('regions are listed with all that names them', async () => {
  const table = await filled(['g', 'm'])
  const [first, second] = await admin.regions(table)
  expect(first).toMatchObject({ table, state: 'OPEN', offline: false, split: false })
  expect(first?.encodedName).toMatch(/^[0-9a-f]{32}$/)
  expect(text(first?.name ?? bytes(''))).toBe(`${table},,${first?.id}.${first?.encodedName}.`)
  expect(second?.server).toBe((await admin.servers())[0])
  await expect(admin.regions(uniqueName())).rejects.toMatchObject({ code: 'TABLE_NOT_FOUND' })
  expect(await admin.regions('hbase:meta')).toMatchObject([{ encodedName: '1588230740' }])
})

test('a region is split where it is said, and not where it begins', async () => {
  const table = await filled(['g'])
  await admin.split(table, bytes('m'))
  expect(await bounds(table)).toEqual(['[,g)', '[g,m)', '[m,)'])
  const parents = await admin.regions(table, { parents: true })
  expect(parents.filter(({ split }) => split)).toHaveLength(1)
  await expect(admin.split(table, bytes('m'))).rejects.toMatchObject({ code: 'SPLIT_INVALID' })
  await expect(admin.split(table, bytes(''))).rejects.toMatchObject({ code: 'ROW_KEY_INVALID' })
  await expect(admin.split(uniqueName(), bytes('m'))).rejects.toMatchObject({
    code: 'TABLE_NOT_FOUND',
  })
  expect(await scanAll(client, table)).toHaveLength(4)
})

test('neighbours are merged in either order, others are refused', async () => {
  const table = await filled(['g', 'm', 't'])
  const [a, b, c, d] = await admin.regions(table)
  if (a === undefined || b === undefined || c === undefined || d === undefined) throw new Error()
  await expect(admin.merge(a, c)).rejects.toMatchObject({ code: 'MERGE_INVALID', table })
  await expect(admin.merge(a, a)).rejects.toMatchObject({ code: 'MERGE_INVALID', table })
  await admin.merge(a, b)
  await admin.merge(d, c)
  expect(await bounds(table)).toEqual(['[,m)', '[m,)'])
  expect(await scanAll(client, table)).toHaveLength(4)
  await expect(admin.merge(a, b)).rejects.toMatchObject({ code: 'REGION_NOT_FOUND', table })
  await expect(admin.move(a)).rejects.toMatchObject({ code: 'REGION_NOT_FOUND', table })
})

test('a region is moved only to a server that lives', async () => {
  const table = await filled([])
  const [region] = await admin.regions(table)
  if (region === undefined) throw new Error()
  await expect(admin.move(region, 'nowhere:1')).rejects.toMatchObject({ code: 'SERVER_NOT_FOUND' })
  await admin.move(region, region.server)
  expect(await admin.regions(table)).toEqual([region])
})

test('regions of a disabled table are listed, but neither moved nor flushed', async () => {
  const table = await filled([])
  await admin.disable(table)
  const [region] = await admin.regions(table)
  if (region === undefined) throw new Error()
  expect(region.state).toBe('CLOSED')
  const disabled = { code: 'TABLE_DISABLED', table }
  await expect(admin.move(region)).rejects.toMatchObject(disabled)
  await expect(admin.split(table, bytes('m'))).rejects.toMatchObject(disabled)
  await expect(admin.flush(table)).rejects.toMatchObject(disabled)
})

test('the status of the cluster tells its servers and what their regions hold', async () => {
  const table = await filled(['m'])
  const [region] = await admin.regions(table)
  const status = await admin.clusterStatus()
  expect(status.version).toMatch(/^\d+\.\d+/)
  expect(status.master).toMatch(/:\d+$/)
  expect(status.servers.map(({ name }) => name)).toEqual(await admin.servers())
  expect(status.servers[0]?.startedAt).toBeGreaterThan(Date.parse('2020-01-01'))
  expect(status.servers[0]?.maxHeapMegabytes).toBeGreaterThan(0)
  await expect
    .poll(
      async () => {
        const { servers } = await admin.clusterStatus()
        const loads = servers.flatMap(({ regions }) => regions)
        return loads.find(({ encodedName }) => encodedName === region?.encodedName)
      },
      { timeout: 20_000, interval: 200 },
    )
    .toMatchObject({ storeFiles: 0, writes: 2 })
})

test('the balancer is switched and tells how it was', async () => {
  const before = await admin.setBalancer(false)
  expect((await admin.clusterStatus()).balancerOn).toBe(false)
  expect(await admin.setBalancer(before)).toBe(false)
  await admin.cleanCatalog()
})
