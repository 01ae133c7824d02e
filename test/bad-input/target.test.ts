import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { KeyType, type TableDescriptor } from '../../hbase/index.ts'
import { openSandbox, type Sandbox } from '../e2e/sandbox.ts'
import { CLOSED, connectAlso, targetsOf, traces, withHBase } from './ground.ts'

interface Case {
  readonly name: string
  readonly project: string
  readonly yaml: string
  /** `$db` is the HBase namespace. */
  readonly failure: string | RegExp
}

const CASES: readonly Case[] = [
  {
    name: 'an unknown cluster',
    project: 'cluster',
    yaml: 'tables: [{ from: $db.goods, cluster: mian }]',
    failure:
      'CLUSTER_UNKNOWN: The connections file names no such cluster: mian; did you mean main?',
  },
  {
    name: 'a table with other families',
    project: 'families',
    yaml: 'tables: [{ from: $db.goods, to: families, family: f }]',
    failure:
      'TARGET_FAMILIES: The HBase table has other families than the mapping: $db:families: $db:families lacks f and also has g. Name another target in the mapping, or drop the table',
  },
  {
    name: 'a table that holds rows of somebody else',
    project: 'rows',
    yaml: 'tables: [{ from: $db.goods, to: rows, family: f }]',
    failure:
      "TARGET_ROWS: The HBase table holds rows that are not ours: $db:rows: $db:rows holds rows that no project of longhaul wrote. Name another target, empty it, or claim it: alter '$db:rows', METADATA => {'longhaul.project' => 'rows'}",
  },
  {
    name: 'a table of another project',
    project: 'owned',
    yaml: 'tables: [{ from: $db.goods, to: owned, family: f }]',
    failure:
      'TARGET_ROWS: The HBase table holds rows that are not ours: $db:owned: $db:owned belongs to the project other. Name another target, or release that project first',
  },
  {
    name: 'a table that is disabled',
    project: 'disabled',
    yaml: 'tables: [{ from: $db.goods, to: disabled, family: f }]',
    failure:
      'TARGET_DISABLED: The HBase table is disabled: $db:disabled: $db:disabled is disabled. Enable it, or name another target',
  },
  {
    name: 'a table that forgets its delete markers',
    project: 'markers',
    yaml: 'tables: [{ from: $db.goods, to: markers, family: f }]',
    failure:
      "TARGET_FAMILIES: The HBase table has other families than the mapping: $db:markers: f of $db:markers drops delete markers too early, so that late writes could bring deleted rows back. Keep them for a day: alter '$db:markers', {NAME => 'f', CONFIGURATION => {'hbase.hstore.time.to.purge.deletes' => '86400000'}}",
  },
  {
    name: 'a cluster that is down',
    project: 'down',
    yaml: 'tables: [{ from: $db.goods, cluster: down }]',
    failure:
      /^SINK_UNREACHABLE: HBase cannot be reached: No answer from HBase: 127.0.0.1:1 ECONNREFUSED, \d+ attempts$/,
  },
  {
    name: 'a source no worker serves',
    project: 'worker',
    yaml: 'tables: [{ from: $db.goods, source: warehouse }]',
    failure:
      'WORKER_MISSING: No worker serves this source: warehouse. Start one with: longhaul worker --sources warehouse',
  },
]

/** Started first, because it takes most of a minute until they are given up. */
const SLOW = ['worker', 'down']

describe('a target', () => {
  let sandbox: Sandbox
  const made = ['disabled', 'families', 'markers', 'owned', 'rows']
  let before: string

  beforeAll(async () => {
    sandbox = await openSandbox('mysql')
    await sandbox.admin.query(
      'create table goods (id int primary key, price int); insert into goods values (1, 10)',
    )
    connectAlso(sandbox, { clusters: { down: { endpoints: [CLOSED] } } })
    await sandbox.worker()
    for (const { project, yaml } of CASES)
      if (SLOW.includes(project)) await sandbox.start(yaml, { project })
    await makeTables(sandbox.name)
    before = await describeAll()
  })
  afterAll(async () => {
    await withHBase(async ({ admin }) => {
      for (const table of made) {
        if (table !== 'disabled') await admin.disable(`${sandbox.name}:${table}`)
        await admin.deleteTable(`${sandbox.name}:${table}`)
      }
    })
    await sandbox.close()
  })

  const describeAll = (): Promise<string> =>
    withHBase(async ({ admin }) =>
      JSON.stringify(
        await Promise.all(made.map((table) => admin.describe(`${sandbox.name}:${table}`))),
      ),
    )

  test.each(CASES)('$name is refused, and why is said', async ({ project, yaml, failure }) => {
    if (!SLOW.includes(project)) await sandbox.start(yaml, { project })
    const { failure: said = '' } = await sandbox.outcome(project)
    const anonymous = said.replaceAll(sandbox.name, '$db')
    if (typeof failure === 'string') expect(anonymous).toBe(failure)
    else expect(anonymous).toMatch(failure)
  })

  test('nothing was created in the source, and the targets are as they were', async () => {
    const tables = made.map((table) => `${sandbox.name}:${table}`)
    expect(await targetsOf(sandbox)).toEqual(tables)
    expect(await traces(sandbox)).toEqual(tables.map((table) => `target ${table}`))
    expect(await describeAll()).toBe(before)
  })
})

const PURGE = 'hbase.hstore.time.to.purge.deletes'

function makeTables(namespace: string): Promise<void> {
  const table = (name: string, more: Partial<TableDescriptor> = {}): TableDescriptor => ({
    name: `${namespace}:${name}`,
    attributes: {},
    families: [{ name: 'f', configuration: { [PURGE]: '86400000' } }],
    ...more,
  })
  return withHBase(async (client) => {
    const { admin } = client
    await admin.createNamespace(namespace)
    await Promise.all([
      admin.createTable(table('families', { families: [{ name: 'g' }] })),
      admin.createTable(table('rows')),
      admin.createTable(table('owned', { attributes: { 'longhaul.project': 'other' } })),
      admin.createTable(table('disabled')),
      admin.createTable(table('markers', { families: [{ name: 'f' }] })),
    ])
    await admin.disable(`${namespace}:disabled`)
    const bytes = (text: string): Uint8Array => Buffer.from(text)
    const column = { family: bytes('f'), qualifier: bytes('q') }
    const cell = { type: KeyType.put, ...column, timestamp: 1, value: bytes('theirs') }
    await client.mutate(`${namespace}:rows`, [{ row: bytes('1'), cells: [cell] }])
  })
}
