import { expect, test } from 'vitest'
import type { HBaseClient } from '../../hbase/index.ts'
import { asBuffer } from '../../hbase/wire/message.ts'
import { openTampered } from './tampering.ts'
import { bytes, cell, createTable, openClient, put, scanAll, show } from './server.ts'

const admin = openClient()

/**
 * A client whose calls for the region of the row "z" reach the one of "a" so many times: servers go
 * by the digits at the end of a region's name alone.
 */
async function misled(times: number) {
  const table = await createTable(admin, { splits: [bytes('m')] })
  const [first, second] = await admin.admin.regions(table)
  const [right, wrong] = [second, first].map((region) => bytes(region?.encodedName ?? ''))
  if (right === undefined || wrong === undefined) throw new Error()
  let calls = 0
  const client = await openTampered({
    request: (frame, method) => {
      if (!['Multi', 'Mutate'].includes(method)) return [frame]
      const at = asBuffer(frame).indexOf(right)
      if (at < 0 || calls++ >= times) return [frame]
      const changed = Buffer.from(frame)
      wrong.copy(changed, at)
      return [changed]
    },
  })
  return { table, client, calls: () => calls }
}

const append = { family: 'd', qualifier: bytes('q'), value: bytes('v') }

type Write = (to: HBaseClient, table: string) => Promise<unknown>
const WRITES: readonly [string, Write][] = [
  ['a write', (to, table) => to.mutate(table, [put('z', 1, 'v')])],
  ['an atomic write', (to, table) => to.mutate(table, [put('z', 1, 'v')], { atomic: true })],
  ['an append', (to, table) => to.append(table, bytes('z'), [append])],
]

test.each(WRITES)(
  '%s that reached the wrong region is sent again to the right one',
  async (_what, write) => {
    const { table, client, calls } = await misled(1)
    await write(client, table)
    expect(calls()).toBe(2)
    expect((await scanAll(admin, table)).map(show)).toEqual(['q=v'])
  },
)

test('a read that reached the wrong region is sent again to the right one', async () => {
  const { table, client, calls } = await misled(1)
  await admin.mutate(table, [{ row: bytes('z'), cells: [cell('q', 1, 'v')] }])
  expect((await client.get(table, [bytes('z')])).map(show)).toEqual(['q=v'])
  expect(calls()).toBe(2)
})

test('what finds the wrong region twice fails, in seconds', async () => {
  const wrong = /WrongRegionException|FailedSanityCheckException/
  const failed = { code: 'REMOTE', remoteClass: expect.stringMatching(wrong) as unknown }
  const { table, client, calls } = await misled(Infinity)
  const rejected = expect.objectContaining(failed) as unknown
  for (const atomic of [false, true]) {
    const failures = await client.mutate(table, [put('a', 1, 'v'), put('z', 1, 'v')], { atomic })
    expect(failures).toEqual([{ index: 1, error: rejected }])
  }
  await expect(client.get(table, [bytes('z')])).rejects.toMatchObject(failed)
  await expect(client.append(table, bytes('z'), [append])).rejects.toMatchObject(failed)
  expect(calls()).toBe(8)
  expect((await scanAll(admin, table)).map(show)).toEqual(['q=v'])
}, 10_000)
