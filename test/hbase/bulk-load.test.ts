import { stat } from 'node:fs/promises'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { expect, test } from 'vitest'
import type { BulkLoadFile, CallMessage, HBaseClient } from '../../hbase/index.ts'
import { CHANNELS, KeyType } from '../../hbase/index.ts'
import { at } from '../../hbase/at.ts'
import { BulkLoadRequest } from '../../hbase/wire/bulk-load-messages.ts'
import { Reader } from '../../hbase/wire/reader.ts'
import { exported } from './hfiles.ts'
import { openTampered } from './tampering.ts'
import { bytes, cell, marker, openClient, put, scanAll, uniqueName } from './server.ts'

const client = openClient()
const { admin } = client
/** HBase 3.0 loads nothing without the folder of a load (RSRpcServices.bulkLoadHFile). */
const goesDirect = !(await client.version()).startsWith('3.')

/** The files of a table with the rows a to z, two versions and a marker among them; and what a scan shows. */
async function source(families = ['d']) {
  const name = uniqueName()
  const attributes = { VERSIONS: '3' }
  await admin.createTable({
    name,
    families: families.map((family) => ({ name: family, attributes })),
    attributes: {},
  })
  const rows = 'abcdefghijklmnopqrstuvwxyz'.split('').map((row) => ({
    row: bytes(row),
    cells: families.flatMap((family) =>
      [1, 2].map((version) => ({
        ...cell('q', version, `${row}${version}`),
        family: bytes(family),
      })),
    ),
  }))
  await client.mutate(name, rows)
  const hidden = { row: bytes('b'), cells: [marker(KeyType.deleteColumn, 2, 'q')] }
  await client.mutate(name, [hidden], { atomic: true })
  return { files: await exported(client, name), cells: await everything(name), name, attributes }
}

const everything = async (table: string) =>
  (await scanAll(client, table, { raw: true, versions: 10 })).flatMap(({ row, cells }) =>
    cells.map(({ family, qualifier, timestamp, type, value }) =>
      [row, family, qualifier, timestamp, type, value].map(String).join(' '),
    ),
  )

async function target(splits: readonly string[] = [], families = ['d']): Promise<string> {
  const name = uniqueName()
  const attributes = { VERSIONS: '3' }
  const described = families.map((family) => ({ name: family, attributes }))
  await admin.createTable({ name, families: described, attributes: {} }, splits.map(bytes))
  return name
}

const regionOf = async (table: string, position = 0) => at(await admin.regions(table), position)

/** Loads through a folder of its own, as HBase's tool does. */
async function loadBy(
  with_: HBaseClient,
  table: string,
  files: readonly BulkLoadFile[],
  options: { readonly copyFiles?: boolean } = {},
): Promise<void> {
  const token = await with_.admin.prepareBulkLoad(table)
  try {
    await with_.admin.bulkLoad(await regionOf(table), files, { ...options, token })
  } finally {
    await with_.admin.cleanupBulkLoad(table, token)
  }
}

test('every cell of the files is in the table, by either way', async () => {
  const { files, cells } = await source()
  expect(cells).toHaveLength(51)
  const direct = await target()
  const load = admin.bulkLoad(await regionOf(direct), files, { copyFiles: true })
  if (!goesDirect) await expect(load).rejects.toMatchObject({ code: 'BULK_LOAD_REFUSED' })
  else {
    await load
    expect(await everything(direct)).toEqual(cells)
  }
  for (const copyFiles of [true, false]) {
    const table = await target()
    await loadBy(client, table, files, { copyFiles })
    expect(await everything(table)).toEqual(cells)
    // They stay through what rewrites them.
    await admin.compact(table, { major: false })
    expect((await scanAll(client, table)).map(({ row }) => String(row))).toHaveLength(25)
  }
})

test('a loaded cell takes the place of one written before, and gives way to a later one', async () => {
  const { files } = await source()
  const table = await target()
  await client.mutate(table, [put('a', 2, 'before'), put('c', 2, 'before')])
  await loadBy(client, table, files)
  await client.mutate(table, [put('c', 2, 'after')])
  const [a, c] = await client.get(table, ['a', 'c'].map(bytes))
  expect([a, c].map((row) => String(row?.cells[0]?.value))).toEqual(['a2', 'after'])
})

test('HBase is told what is asked for', async () => {
  const { files } = await source()
  const table = await target()
  const asked: object[] = []
  const tampered = await openTampered({
    request: (frame, method) => {
      if (method === 'BulkLoadHFile') {
        const reader = new Reader(frame, 4)
        reader.block()
        const { assignSeqNum, copyFiles, token } = BulkLoadRequest.decode(reader.block())
        asked.push({ assignSeqNum, copyFiles, token })
      }
      return [frame]
    },
  })
  const region = await regionOf(table)
  const token = await admin.prepareBulkLoad(table)
  const options = { copyFiles: true, assignSeqNum: false, token }
  await tampered.admin.bulkLoad(region, files, options)
  await tampered.admin.bulkLoad(region, files, { token })
  await admin.cleanupBulkLoad(table, token)
  expect(asked).toEqual([options, { copyFiles: false, assignSeqNum: true, token }])
})

test('files of two families go in together', async () => {
  const { files, cells } = await source(['d', 'e'])
  const table = await target([], ['d', 'e'])
  await loadBy(client, table, files)
  expect(await everything(table)).toEqual(cells)
})

test('the folder of a load is there until it is given back', async () => {
  const table = await target()
  const token = await admin.prepareBulkLoad(table)
  const path = token.replace(/^file:\/*/, '/')
  expect((await stat(path)).isDirectory()).toBe(true)
  await admin.cleanupBulkLoad(table, token)
  await admin.cleanupBulkLoad(table, token)
  await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' })
  const missing = { code: 'TABLE_NOT_FOUND' }
  await expect(admin.prepareBulkLoad(uniqueName())).rejects.toMatchObject(missing)
})

test('files that do not lie inside the region are refused, and nothing of them is loaded', async () => {
  const { files } = await source()
  const table = await target(['m'])
  const refused = { code: 'BULK_LOAD_REFUSED', table }
  for (const position of [0, 1]) {
    const region = await regionOf(table, position)
    await expect(admin.bulkLoad(region, files)).rejects.toMatchObject({
      ...refused,
      region: region.encodedName,
      server: region.server,
    })
  }
  await expect(loadBy(client, table, files)).rejects.toMatchObject(refused)
  expect(await everything(table)).toEqual([])
})

test('one file that is missing keeps all others out, and is asked for once', async () => {
  const { files } = await source()
  const table = await target()
  const [{ path } = { path: '' }] = files
  const more = [...files, { family: 'd', path: `${path}0` }]
  const region = await regionOf(table)
  let loads = 0
  const count = (message: unknown) => {
    if ((message as CallMessage).method === 'BulkLoadHFile') loads++
  }
  subscribe(CHANNELS.call, count)
  const missing = { code: 'REMOTE', remoteClass: 'java.io.FileNotFoundException' }
  const refused = { code: 'BULK_LOAD_REFUSED' }
  const load = admin.bulkLoad(region, more)
  await expect(load).rejects.toMatchObject(goesDirect ? missing : refused)
  await expect(loadBy(client, table, more)).rejects.toMatchObject(refused)
  unsubscribe(CHANNELS.call, count)
  expect(loads).toBe(2)
  expect(await everything(table)).toEqual([])
})

test('a region that was split or merged takes nothing, nor do those that hold its rows now', async () => {
  const { files } = await source()
  const table = await target()
  const region = await regionOf(table)
  await admin.split(table, bytes('zz'))
  const gone = { code: 'REGION_NOT_FOUND', table, region: region.encodedName }
  await expect(admin.bulkLoad(region, files)).rejects.toMatchObject(gone)
  // Another client still believes that it is there.
  const other = openClient()
  await other.get(table, [bytes('a')])
  const [left, right] = await admin.regions(table)
  if (left === undefined || right === undefined) throw new Error()
  await admin.compact(table, { major: true })
  await expect
    .poll(
      () =>
        admin.merge(left, right).then(
          () => true,
          () => false,
        ),
      { timeout: 30_000 },
    )
    .toBe(true)
  for (const by of [client, other])
    await expect(by.admin.bulkLoad(left, files)).rejects.toMatchObject({ code: 'REGION_NOT_FOUND' })
  expect(await everything(table)).toEqual([])
  await admin.disable(table)
  const disabled = { code: 'TABLE_DISABLED' }
  await expect(admin.bulkLoad(await regionOf(table), files)).rejects.toMatchObject(disabled)
})

test('when the answer is lost, the load is not sent again', async () => {
  const { files, cells } = await source()
  const table = await target()
  let loads = 0
  let cut = false
  const tampered = await openTampered({
    request: (frame, method) => {
      cut = method === 'BulkLoadHFile'
      if (cut) loads++
      return [frame]
    },
    answer: (frame) => (cut ? 'cut' : frame),
  })
  await expect(loadBy(tampered, table, files, { copyFiles: true })).rejects.toMatchObject({
    code: 'OUTCOME_UNKNOWN',
    table,
  })
  expect(loads).toBe(1)
  expect(await everything(table)).toEqual(cells)
})

test('what would lose rows, or harm HBase, never reaches it', async () => {
  const table = await target([], ['d', 'e'])
  const region = await regionOf(table)
  const refused = (files: readonly BulkLoadFile[]) =>
    expect(admin.bulkLoad(region, files)).rejects.toMatchObject({
      code: 'BULK_LOAD_INVALID',
      remoteClass: undefined,
    })
  await refused([])
  await refused([{ family: 'e', path: '/x/d/f' }])
  for (const path of ['d/f', 'f', '', '/f', '/x/d/', '/x/../d/f'])
    await refused([{ family: 'd', path }])
  // The second would take the place of the first in the folder of the load.
  await refused([
    { family: 'd', path: '/x/d/f' },
    { family: 'd', path: '/y/d/f' },
  ])
  const family = { code: 'NO_SUCH_FAMILY', table }
  await expect(admin.bulkLoad(region, [{ family: 'f', path: '/x/f/f' }])).rejects.toMatchObject(
    family,
  )
  const invalid = { code: 'FAMILY_INVALID' }
  await expect(admin.bulkLoad(region, [{ family: '', path: '/x//f' }])).rejects.toMatchObject(
    invalid,
  )
  // HBase would delete any folder it is told.
  const token = await admin.prepareBulkLoad(table)
  for (const bad of ['', '/', token.replace(/[^/]+$/, ''), `${token}/..`, `${token}/../x__y__z`]) {
    const not = { code: 'BULK_LOAD_INVALID' }
    await expect(admin.cleanupBulkLoad(table, bad)).rejects.toMatchObject(not)
    const load = admin.bulkLoad(region, [{ family: 'd', path: '/x/d/f' }], { token: bad })
    await expect(load).rejects.toMatchObject(not)
  }
  await admin.cleanupBulkLoad(table, token)
})
