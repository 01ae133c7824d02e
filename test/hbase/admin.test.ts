import { expect, test } from 'vitest'
import { bytes, cell, createTable, openClient, put, scanAll, show, uniqueName } from './server.ts'

const client = openClient()
const { admin } = client

test('a table is described as it was created', async () => {
  const name = uniqueName()
  await admin.createTable({
    name,
    attributes: { 'longhaul.project': 'shop', 'longhaul.versión': 'ü' },
    families: [
      {
        name: 'd',
        attributes: { VERSIONS: '1', BLOOMFILTER: 'NONE' },
        configuration: { 'hbase.hstore.time.to.purge.deletes': '86400000' },
      },
      { name: 'e', attributes: { VERSIONS: '7' } },
    ],
  })
  const described = await admin.describe(name)
  expect(described?.name).toBe(name)
  expect(described?.attributes).toMatchObject({
    'longhaul.project': 'shop',
    'longhaul.versión': 'ü',
  })
  expect(described?.families).toMatchObject([
    {
      name: 'd',
      attributes: { VERSIONS: '1', BLOOMFILTER: 'NONE' },
      configuration: { 'hbase.hstore.time.to.purge.deletes': '86400000' },
    },
    { name: 'e', attributes: { VERSIONS: '7' }, configuration: {} },
  ])
})

test('regions lie where the split keys say', async () => {
  const splits = [
    Buffer.from([1]),
    Buffer.from([0x7f, 0xff]),
    Buffer.from([0x80]),
    Buffer.from([0xff]),
  ]
  const table = await createTable(client, { splits })
  const regions = await client.regions(table)
  expect(regions.map(({ start }) => Buffer.from(start).toString('hex'))).toEqual([
    '',
    '01',
    '7fff',
    '80',
    'ff',
  ])
  expect(regions.map(({ end }) => Buffer.from(end).toString('hex'))).toEqual([
    '01',
    '7fff',
    '80',
    'ff',
    '',
  ])
  expect(regions[0]?.server).toMatch(/^[\w.-]+:\d+$/)
})

test.each([
  ['twice the same', ['m', 'm']],
  ['unsorted', ['m', 'c']],
  ['empty', ['']],
])('split keys that are %s never reach the master', async (_what, keys) => {
  const name = uniqueName()
  const create = createTable(client, { name, splits: keys.map(bytes) })
  await expect(create).rejects.toMatchObject({ code: 'SPLITS_INVALID', table: name })
  expect(await admin.exists(name)).toBe(false)
})

test.each<[string, Record<string, string>]>([
  ['an unknown codec', { COMPRESSION: 'MAGIC' }],
  ['an unknown encoding', { DATA_BLOCK_ENCODING: 'MORSE' }],
  ['an unknown filter', { BLOOMFILTER: 'FLOWER' }],
])('a family with %s never reaches the master', async (_what, attributes) => {
  const name = uniqueName()
  const family = { name: 'd', attributes }
  const refused = { code: 'SCHEMA_REFUSED', table: name }
  const create = admin.createTable({ name, families: [family], attributes: {} })
  await expect(create).rejects.toMatchObject({ ...refused, remoteClass: undefined })
  await expect(admin.addFamily(name, family)).rejects.toMatchObject(refused)
  await expect(admin.modifyFamily(name, family)).rejects.toMatchObject(refused)
  expect(await admin.exists(name)).toBe(false)
})

const purge = 'hbase.hstore.time.to.purge.deletes'

// The server tries for ever to open such regions, or ends itself (the last one).
test.each<[string, object]>([
  ['a time that is none', { families: [{ name: 'd', configuration: { [purge]: '1 day' } }] }],
  ['a threshold that is none', { families: [{ name: 'd', attributes: { MOB_THRESHOLD: 'x' } }] }],
  ['an unknown durability', { attributes: { DURABILITY: 'skip_wal' } }],
  ['a priority that is none', { attributes: { PRIORITY: 'high' } }],
  [
    'the checks off',
    { attributes: { 'hbase.table.sanity.checks': 'false', coprocessor$1: '|no.Class|1|' } },
  ],
])('a table with %s never reaches the master', async (_what, change) => {
  const name = uniqueName()
  const table = { name, families: [{ name: 'd' }], attributes: {}, ...change }
  const refused = { code: 'SCHEMA_REFUSED', table: name, remoteClass: undefined }
  await expect(admin.createTable(table)).rejects.toMatchObject(refused)
  await expect(admin.modifyTable(table)).rejects.toMatchObject(refused)
  expect(await admin.exists(name)).toBe(false)
})

test.each(['.d', 'a\\b', 'a/b', 'a\u0001', 'recovered.edits', 'f'.repeat(128), ''])(
  'a family %j never reaches the master',
  async (family) => {
    const refused = { code: 'FAMILY_INVALID', remoteClass: undefined }
    const table = { name: uniqueName(), families: [{ name: family }], attributes: {} }
    await expect(admin.createTable(table)).rejects.toMatchObject(refused)
    const twice = { ...table, families: [{ name: 'd' }, { name: 'e' }, { name: 'd' }] }
    await expect(admin.createTable(twice)).rejects.toMatchObject({ code: 'SCHEMA_REFUSED' })
  },
)

test('the longest names and the longest split key work', async () => {
  const namespace = uniqueName('n').padEnd(255, 'x')
  await admin.createNamespace(namespace)
  const name = `${namespace}:${uniqueName().padEnd(255, 'x')}`
  const begin = Buffer.alloc(32_767 - name.length - 64, 'm')
  const family = { name: 'f'.repeat(127) }
  await admin.createTable({ name, families: [family], attributes: {} }, [begin])
  const put = (row: Buffer) => ({
    row,
    cells: [{ ...cell('q', 1, 'v'), family: bytes(family.name) }],
  })
  const above = Buffer.concat([begin, bytes('z')])
  expect(await client.mutate(name, [put(bytes('a')), put(begin), put(above)])).toEqual([])
  await admin.flush(name)
  await admin.split(name, bytes('b'))
  expect(await scanAll(client, name)).toHaveLength(3)
  expect(await client.regions(name)).toHaveLength(3)
})

test('a request no server would take never leaves', async () => {
  const keys = Array.from({ length: 8400 }, (_, i) => {
    const key = Buffer.alloc(32_000)
    key.writeUInt32BE(i + 1)
    return key
  })
  const create = createTable(client, { splits: keys })
  await expect(create).rejects.toMatchObject({ code: 'REQUEST_TOO_LARGE' })
  // It is not about the connection.
  expect(await client.version()).toMatch(/^\d/)
})

test('names and rows that fit nowhere never reach the master', async () => {
  const long = { code: 'TABLE_NAME_INVALID' }
  await expect(createTable(client, { name: 't'.repeat(256) })).rejects.toMatchObject(long)
  const namespace = { code: 'NAMESPACE_NAME_INVALID' }
  await expect(admin.createNamespace('n'.repeat(256))).rejects.toMatchObject(namespace)
  const splits = { code: 'SPLITS_INVALID' }
  const begin = Buffer.alloc(32_760, 1)
  await expect(createTable(client, { splits: [begin] })).rejects.toMatchObject(splits)
  await expect(admin.split('t', begin)).rejects.toMatchObject({ code: 'ROW_KEY_INVALID' })
})

test('what HBase refuses is told with its reason', async () => {
  const table = await createTable(client)
  await expect(createTable(client, { name: table })).rejects.toMatchObject({ code: 'TABLE_EXISTS' })
  const bad = {
    name: uniqueName(),
    families: [{ name: 'd', attributes: { COMPRESSION: 'MAGIC' } }],
    attributes: {},
  }
  await expect(admin.createTable(bad)).rejects.toMatchObject({ code: 'SCHEMA_REFUSED' })
  await expect(admin.createTable({ ...bad, families: [] })).rejects.toMatchObject({
    code: 'SCHEMA_REFUSED',
  })
  await expect(admin.createTable({ ...bad, families: [{ name: 'a:b' }] })).rejects.toMatchObject({
    code: 'FAMILY_INVALID',
  })
  await expect(createTable(client, { name: 'no_such_namespace:t' })).rejects.toMatchObject({
    code: 'NAMESPACE_NOT_FOUND',
  })
  await expect(admin.disable(uniqueName())).rejects.toMatchObject({ code: 'TABLE_NOT_FOUND' })
  await expect(admin.deleteTable(table)).rejects.toMatchObject({ code: 'TABLE_ENABLED' })
  await expect(admin.enable(table)).rejects.toMatchObject({ code: 'TABLE_ENABLED' })
})

test('a table lives through disable, enable, truncate and delete', async () => {
  const table = await createTable(client, { splits: [bytes('m')] })
  await client.mutate(table, [put('a', 1, 'v'), put('z', 1, 'v')])
  await admin.disable(table)
  await expect(admin.disable(table)).rejects.toMatchObject({ code: 'TABLE_DISABLED' })
  await admin.enable(table)
  expect(await scanAll(client, table)).toHaveLength(2)
  await admin.disable(table)
  await admin.truncate(table)
  expect(await scanAll(client, table)).toEqual([])
  expect(await client.regions(table)).toHaveLength(2)
  await client.mutate(table, [put('a', 1, 'v'), put('z', 1, 'v')])
  await admin.disable(table)
  await admin.truncate(table, { preserveSplits: false })
  expect(await scanAll(client, table)).toEqual([])
  expect(await client.regions(table)).toHaveLength(1)
  await expect(admin.truncate(table)).rejects.toMatchObject({ code: 'TABLE_ENABLED' })
  await admin.disable(table)
  await admin.deleteTable(table)
  expect(await admin.describe(table)).toBeNull()
  await createTable(client, { name: table })
  expect(await scanAll(client, table)).toEqual([])
})

test('namespaces can be created again and hold tables of their own', async () => {
  const namespace = uniqueName('n')
  await admin.createNamespace(namespace)
  await admin.createNamespace(namespace)
  const table = await createTable(client, { name: `${namespace}:t` })
  await client.mutate(table, [put('a', 1, 'v')])
  expect((await client.get(table, [bytes('a')])).map(show)).toEqual(['q=v'])
  expect(await admin.listTables(namespace)).toEqual([table])
  expect(await admin.listTables()).toContain(table)
  expect((await admin.describe(table))?.name).toBe(table)
})

test('a namespace is configured, listed and deleted once it is empty', async () => {
  const namespace = uniqueName('n')
  await admin.createNamespace(namespace, { 'hbase.namespace.quota.maxtables': '5' })
  await admin.modifyNamespace(namespace, { 'hbase.namespace.quota.maxtables': '7' })
  expect(await admin.listNamespaces()).toContainEqual({
    name: namespace,
    configuration: { 'hbase.namespace.quota.maxtables': '7' },
  })
  const table = await createTable(client, { name: `${namespace}:t` })
  const refusal = { code: 'NAMESPACE_NOT_EMPTY' }
  await expect(admin.deleteNamespace(namespace)).rejects.toMatchObject(refusal)
  await admin.disable(table)
  await admin.deleteTable(table)
  await admin.deleteNamespace(namespace)
  const missing = { code: 'NAMESPACE_NOT_FOUND' }
  await expect(admin.deleteNamespace(namespace)).rejects.toMatchObject(missing)
  await expect(admin.modifyNamespace(namespace, {})).rejects.toMatchObject(missing)
  const invalid = { code: 'NAMESPACE_NAME_INVALID' }
  await expect(admin.createNamespace('a:b')).rejects.toMatchObject(invalid)
  await expect(admin.deleteNamespace('')).rejects.toMatchObject(invalid)
})

test('families come and go while the table is used', async () => {
  const table = await createTable(client)
  await client.mutate(table, [put('a', 1, 'v')])
  await admin.addFamily(table, { name: 'e', attributes: { VERSIONS: '3' } })
  await client.mutate(table, [
    { row: bytes('a'), cells: [{ ...cell('q', 1, 'w'), family: bytes('e') }] },
  ])
  await admin.modifyFamily(table, { name: 'e', attributes: { VERSIONS: '4' } })
  expect((await admin.describe(table))?.families[1]?.attributes).toMatchObject({ VERSIONS: '4' })
  expect((await scanAll(client, table)).map(show)).toEqual(['q=v q=w'])
  await admin.deleteFamily(table, 'd')
  expect((await scanAll(client, table)).map(show)).toEqual(['q=w'])
  const missing = { code: 'NO_SUCH_FAMILY', table }
  await expect(admin.deleteFamily(table, 'd')).rejects.toMatchObject(missing)
  await expect(admin.modifyFamily(table, { name: 'd' })).rejects.toMatchObject(missing)
  const refused = { code: 'SCHEMA_REFUSED', table }
  await expect(admin.deleteFamily(table, 'e')).rejects.toMatchObject(refused)
  await expect(admin.addFamily(table, { name: 'e' })).rejects.toMatchObject(refused)
  const described = await admin.describe(table)
  if (described === null) throw new Error()
  await admin.modifyTable({ ...described, attributes: { ...described.attributes, owner: 'me' } })
  expect((await admin.describe(table))?.attributes).toMatchObject({ owner: 'me' })
  expect(await admin.tableState(table)).toBe('enabled')
  await admin.disable(table)
  expect(await admin.tableState(table)).toBe('disabled')
  expect(await admin.tableState(uniqueName())).toBeNull()
})

test('rows stay through flush and compaction', async () => {
  const table = await createTable(client, { splits: [bytes('m')] })
  await client.mutate(table, [put('a', 1, 'v'), put('z', 1, 'w')])
  await admin.flush(table)
  await admin.flush(table)
  await admin.compact(table)
  await admin.compact(table, { major: true })
  expect((await scanAll(client, table)).map(show)).toEqual(['q=v', 'q=w'])
  await expect(admin.flush(uniqueName())).rejects.toMatchObject({ code: 'TABLE_NOT_FOUND' })
})

test('the cluster tells its version and servers', async () => {
  expect(await client.version()).toMatch(/^\d+\.\d+/)
  expect(await admin.servers()).not.toEqual([])
})
