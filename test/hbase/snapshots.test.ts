import { expect, test } from 'vitest'
import { openTampered } from './tampering.ts'
import { bytes, createTable, openClient, put, scanAll, show, text, uniqueName } from './server.ts'

const client = openClient()
const { admin } = client

/** A table with two regions and the rows a and z. */
async function filled(name = uniqueName()): Promise<string> {
  const table = await createTable(client, { name, splits: [bytes('m')] })
  await client.mutate(table, [put('a', 1, 'old'), put('z', 1, 'old')])
  return table
}

const rows = async (table: string) =>
  (await scanAll(client, table)).map((row) => `${text(row.row)}: ${show(row)}`)
const listed = async (name: string) =>
  (await admin.listSnapshots()).find((snapshot) => snapshot.name === name)

test('a snapshot is listed with all that is known of it until it is deleted', async () => {
  const table = await filled()
  const name = uniqueName('s')
  const before = Date.now()
  await admin.takeSnapshot(name, table, { ttlSeconds: 86_400 })
  const snapshot = await listed(name)
  expect(snapshot).toMatchObject({ name, table, type: 'flush', ttlSeconds: 86_400 })
  expect(Math.abs((snapshot?.createdAt ?? 0) - before)).toBeLessThan(60_000)
  await expect(admin.takeSnapshot(name, table)).rejects.toMatchObject({
    code: 'SNAPSHOT_EXISTS',
    table,
  })
  await admin.deleteSnapshot(name)
  expect(await listed(name)).toBeUndefined()
  await expect(admin.deleteSnapshot(name)).rejects.toMatchObject({ code: 'SNAPSHOT_NOT_FOUND' })
})

test('a clone has regions and rows of the moment of the snapshot, and is a table of its own', async () => {
  const table = await filled()
  const name = uniqueName('s')
  await admin.takeSnapshot(name, table)
  await client.mutate(table, [put('a', 2, 'new'), put('b', 2, 'new')])
  const namespace = uniqueName('n')
  await admin.createNamespace(namespace)
  const clones = [uniqueName(), `${namespace}:t`]
  for (const clone of clones) {
    await admin.cloneSnapshot(name, clone)
    expect(await rows(clone)).toEqual(['a: q=old', 'z: q=old'])
    expect(await client.regions(clone)).toHaveLength(2)
    await client.mutate(clone, [put('c', 3, 'own')])
  }
  await admin.deleteSnapshot(name)
  for (const clone of clones)
    expect(await rows(clone)).toEqual(['a: q=old', 'c: q=own', 'z: q=old'])
  expect(await rows(table)).toEqual(['a: q=new', 'b: q=new', 'z: q=old'])
})

test('a snapshot without a flush leaves out what is in memory', async () => {
  const table = await filled()
  await admin.flush(table)
  await client.mutate(table, [put('a', 2, 'new'), put('b', 2, 'new')])
  const name = uniqueName('s')
  await admin.takeSnapshot(name, table, { skipFlush: true })
  expect(await listed(name)).toMatchObject({ type: 'skipflush' })
  const clone = uniqueName()
  await admin.cloneSnapshot(name, clone)
  expect(await rows(clone)).toEqual(['a: q=old', 'z: q=old'])
})

test('restoring makes a disabled table what it was: rows, regions and families', async () => {
  const table = await filled()
  const name = uniqueName('s')
  await admin.takeSnapshot(name, table)
  await client.mutate(table, [put('a', 2, 'new'), put('b', 2, 'new')])
  await admin.split(table, bytes('f'))
  await admin.addFamily(table, { name: 'e' })
  await expect(admin.restoreSnapshot(name)).rejects.toMatchObject({ code: 'TABLE_ENABLED', table })
  await admin.disable(table)
  await admin.restoreSnapshot(name)
  expect(await admin.tableState(table)).toBe('disabled')
  await admin.enable(table)
  expect(await rows(table)).toEqual(['a: q=old', 'z: q=old'])
  expect(await client.regions(table)).toHaveLength(2)
  expect((await admin.describe(table))?.families.map((family) => family.name)).toEqual(['d'])
})

test('a disabled table has snapshots too', async () => {
  const table = await filled()
  await admin.disable(table)
  const name = uniqueName('s')
  await admin.takeSnapshot(name, table)
  // 3.0.0-alpha-4 leaves it at what was asked for.
  expect(['disabled', 'flush']).toContain((await listed(name))?.type)
  await admin.deleteTable(table)
  await expect(admin.restoreSnapshot(name)).rejects.toMatchObject({ code: 'TABLE_NOT_FOUND' })
  await admin.cloneSnapshot(name, table)
  expect(await rows(table)).toEqual(['a: q=old', 'z: q=old'])
})

test('a clone never goes into a table that is there, nor touches the one it was taken of', async () => {
  const table = await filled()
  const name = uniqueName('s')
  await admin.takeSnapshot(name, table)
  await client.mutate(table, [put('a', 2, 'new')])
  await admin.disable(table)
  // HBase itself would restore the first table here.
  for (const target of [await filled(), table])
    await expect(admin.cloneSnapshot(name, target)).rejects.toMatchObject({
      code: 'TABLE_EXISTS',
      table: target,
    })
  await admin.enable(table)
  expect(await rows(table)).toEqual(['a: q=new', 'z: q=old'])
})

test('what is missing is named', async () => {
  const table = await filled()
  const name = uniqueName('s')
  const missing = { code: 'TABLE_NOT_FOUND' }
  await expect(admin.takeSnapshot(name, uniqueName())).rejects.toMatchObject(missing)
  const none = { code: 'SNAPSHOT_NOT_FOUND' }
  await expect(admin.cloneSnapshot(name, uniqueName())).rejects.toMatchObject(none)
  await expect(admin.restoreSnapshot(name)).rejects.toMatchObject(none)
  await admin.takeSnapshot(name, table)
  const space = { code: 'NAMESPACE_NOT_FOUND' }
  await expect(admin.cloneSnapshot(name, 'no_such_namespace:t')).rejects.toMatchObject(space)
})

test('names and times that HBase would take, but not bear, never reach it', async () => {
  const table = await filled()
  const invalid = { code: 'SNAPSHOT_NAME_INVALID', remoteClass: undefined }
  // HBase looks at no name: this one is a folder outside of its snapshots, which it would delete.
  const bad = '../../data'
  await expect(admin.takeSnapshot(bad, table)).rejects.toMatchObject(invalid)
  await expect(admin.deleteSnapshot(bad)).rejects.toMatchObject(invalid)
  await expect(admin.cloneSnapshot(bad, uniqueName())).rejects.toMatchObject(invalid)
  await expect(admin.restoreSnapshot(bad)).rejects.toMatchObject(invalid)
  const name = uniqueName('s')
  for (const ttlSeconds of [0, -1, 0.5, Number.NaN])
    await expect(admin.takeSnapshot(name, table, { ttlSeconds })).rejects.toMatchObject({
      code: 'CONFIGURATION',
    })
  await expect(admin.takeSnapshot(name, 'hbase:meta')).rejects.toMatchObject({
    code: 'SNAPSHOT_FAILED',
    remoteClass: undefined,
  })
  expect(await listed(name)).toBeUndefined()
})

test('tables whose names are too long for the files of a clone are refused, the longest are not', async () => {
  const long = (length: number) => uniqueName().padEnd(length, 'x')
  const table = await filled(long(162))
  const name = uniqueName('s')
  await admin.takeSnapshot(name, table)
  const invalid = { code: 'TABLE_NAME_INVALID', remoteClass: undefined }
  await expect(admin.takeSnapshot(uniqueName('s'), long(163))).rejects.toMatchObject(invalid)
  await expect(admin.cloneSnapshot(name, long(223))).rejects.toMatchObject(invalid)
  const clone = long(222)
  await admin.cloneSnapshot(name, clone)
  expect(await rows(clone)).toEqual(['a: q=old', 'z: q=old'])
  await admin.compact(table, { major: true })
  await admin.disable(table)
  await admin.restoreSnapshot(name)
  await admin.enable(table)
  expect(await rows(table)).toEqual(['a: q=old', 'z: q=old'])
})

/** A client whose first answer to this method gets lost. */
async function losing(method: string) {
  let lost = 0
  let cut = false
  return openTampered({
    request: (frame, name) => {
      cut = name === method && ++lost === 1
      return [frame]
    },
    answer: (frame) => (cut ? 'cut' : frame),
    of: 'master',
  })
}

test('a lost answer does nothing twice', async () => {
  const table = await filled()
  const name = uniqueName('s')
  const taking = (await losing('Snapshot')).admin.takeSnapshot(name, table)
  // Before 2.6 nothing tells whose snapshot of this name is there.
  const [, major = 0, minor = 0] = /^(\d+)\.(\d+)/.exec(await client.version())?.map(Number) ?? []
  if (major > 2 || minor >= 6) await taking
  else await expect(taking).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN', table })
  await expect.poll(() => listed(name)).toMatchObject({ table })
  const clone = uniqueName()
  await (await losing('RestoreSnapshot')).admin.cloneSnapshot(name, clone)
  expect(await rows(clone)).toEqual(['a: q=old', 'z: q=old'])
  await (await losing('DeleteSnapshot')).admin.deleteSnapshot(name)
  expect(await listed(name)).toBeUndefined()
})
