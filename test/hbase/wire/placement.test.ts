import { expect, test } from 'vitest'
import { bytes, createTable, openClient, put, scanAll, uniqueName } from '../server.ts'
import { Proxy } from './proxy.ts'

const direct = openClient()

test('a row never goes into another table, even where hbase:meta answers for that one', async () => {
  const name = uniqueName('mine')
  const mine = await createTable(direct, { name })
  const other = await createTable(direct, { name: name.replace('mine', 'else') })
  const [server = ''] = await direct.admin.servers()
  const proxy = await Proxy.to(server)
  // Lookups of one table find the regions of the other.
  proxy.weather = {
    request: (frame, { send }) => {
      const isLookup = frame.includes('hbase:meta')
      const asked = isLookup ? frame.toString('latin1').replaceAll(mine, other) : undefined
      send(asked === undefined ? frame : Buffer.from(asked, 'latin1'))
    },
  }
  const client = openClient({
    hosts: { [server]: proxy.address },
    operationTimeoutMs: 8000,
  })
  const found = { code: 'META_INCONSISTENT', table: mine }
  await expect(client.mutate(mine, [put('a', 1, 'v')])).rejects.toMatchObject(found)
  await expect(client.get(mine, [bytes('a')])).rejects.toMatchObject(found)
  await expect(scanAll(client, mine)).rejects.toMatchObject({ code: 'SCAN_INCOMPLETE' })
  expect(await client.regions(mine)).toEqual([])
  expect(await scanAll(direct, other)).toEqual([])
  await client.close()
  await proxy.close()
})
