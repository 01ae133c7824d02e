import { expect, inject, test, vi } from 'vitest'
import { Locator } from '../../hbase/locator.ts'
import type { Region } from '../../hbase/region.ts'
import { holds } from '../../hbase/region.ts'
import { CreateTableRequest, ProcedureStarted } from '../../hbase/wire/admin-messages.ts'
import { bytes, openClient, put, scanAll, text, uniqueName } from './server.ts'
import { Coverage } from '../../hbase/scan/coverage.ts'
import { Deadline } from '../../hbase/deadline.ts'
import { Master } from '../../hbase/master.ts'
import { Pool } from '../../hbase/pool.ts'
import { Registry } from '../../hbase/registry.ts'
import { encodeSchema } from '../../hbase/schema.ts'

const CREATE = { name: 'CreateTable', request: CreateTableRequest, response: ProcedureStarted }

/** Creates a table without the check of its split keys, as a careless client would. */
async function createUnchecked(name: string, splits: readonly string[]): Promise<void> {
  const pool = new Pool({ user: 'test', hosts: {}, callTimeoutMs: 20_000 })
  const master = new Master(pool, new Registry(pool, [inject('hbase')]))
  const deadline = new Deadline(60_000, new AbortController().signal, { table: name })
  const tableSchema = encodeSchema({ name, families: [{ name: 'd' }], attributes: {} })
  await master.run(
    CREATE,
    { tableSchema, splitKeys: splits.map(bytes), ...master.nonce() },
    deadline,
  )
  pool.close()
}

test.each([
  ['overlap and leave a place where none begins', ['m', 'c']],
  ['overlap, so that rows can hide behind each other', ['c', 'm', 'g']],
])('a scan of a table whose regions %s fails instead of ending', async (_what, splits) => {
  const client = openClient({ operationTimeoutMs: 20_000 })
  const table = uniqueName('torn')
  await createUnchecked(table, splits)
  await expect(scanAll(client, table)).rejects.toMatchObject({ code: 'SCAN_INCOMPLETE', table })
  await client.admin.disable(table)
  await client.admin.deleteTable(table)
})

test('a row that no region holds is written nowhere', async () => {
  const client = openClient({ operationTimeoutMs: 20_000 })
  const table = uniqueName('torn')
  // [, m) [m, c) [c, ): the nearest region before z ends before it.
  await createUnchecked(table, ['m', 'c'])
  await expect(client.mutate(table, [put('z', 1, 'v')])).rejects.toMatchObject({
    code: 'META_INCONSISTENT',
  })
  await client.admin.disable(table)
  await client.admin.deleteTable(table)
})

test('the proof is what finds the lost row: the same scan without it ends quietly', async () => {
  const client = openClient({ operationTimeoutMs: 20_000 })
  const table = uniqueName('torn')
  // [, m) [m, c) [c, ): d is written to the last region and looked for in the first.
  await createUnchecked(table, ['m', 'c'])
  for (const row of ['d', 'a']) await openClient().mutate(table, [put(row, 1, 'v')])
  const enter = vi.spyOn(Locator.prototype, 'locate').mockImplementation(lenientLocate)
  const finish = vi.spyOn(Coverage.prototype, 'finish').mockImplementation(() => {})
  const rows = await scanAll(openClient(), table)
  enter.mockRestore()
  finish.mockRestore()
  expect(rows.map(({ row }) => text(row))).toEqual(['a'])
  await expect(scanAll(client, table)).rejects.toMatchObject({ code: 'SCAN_INCOMPLETE', table })
  await client.admin.disable(table)
  await client.admin.deleteTable(table)
})

/** Any region that holds the row will do, as in clients that do not check. */
async function lenientLocate(
  this: Locator,
  table: string,
  row: Uint8Array,
  deadline: Deadline,
): Promise<Region> {
  const region = (await this.list(table, deadline)).find((candidate) => holds(candidate, row))
  if (region === undefined) throw new Error('no region')
  return region
}

test('a table that is whole passes the same scan', async () => {
  const client = openClient()
  const table = uniqueName('whole')
  await createUnchecked(table, ['c', 'm'])
  await client.mutate(table, [put('a', 1, 'v'), put('d', 1, 'v'), put('z', 1, 'v')])
  expect((await scanAll(client, table)).map(({ row }) => text(row))).toEqual(['a', 'd', 'z'])
})
