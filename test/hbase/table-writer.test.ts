import { expect, test } from 'vitest'
import { bytes, cell, createTable, openClient, put, scanAll, show } from './server.ts'
import { HBaseError } from '../../hbase/index.ts'
import { TableWriter } from '../../hbase/table-writer.ts'
import type { Failure } from '../../hbase/index.ts'

const client = openClient()
const key = (i: number): string => `${i % 10}${String(i).padStart(6, '0')}`
const refused = (row: string) => ({
  row: bytes(row),
  cells: [{ ...cell('q', 1, 'v'), family: bytes('none') }],
})

test('writes more than it may hold, and holds no more than it may', async () => {
  const table = await createTable(client, { splits: ['3', '6'].map(bytes) })
  const writer = client.writer(table, { bufferBytes: 4 << 20 })
  const value = Buffer.alloc(2000, 'v')
  await writer.write(put(key(0), 1, value))
  const before = process.memoryUsage().rss
  let most = 0
  for (let i = 1; i < 20_000; i++) {
    await writer.write(put(key(i), 1, value))
    if (i % 1000 === 0) most = Math.max(most, process.memoryUsage().rss - before)
  }
  await writer.close()
  expect(await scanAll(client, table, { keysOnly: true })).toHaveLength(20_000)
  // 40 MB were written through it; the rest is what a heap keeps before it is swept.
  expect(most).toBeLessThan(150 << 20)
})

test('waits with the next one while too much is under way', async () => {
  const answers: (() => void)[] = []
  const send = () =>
    new Promise<readonly Failure[]>((resolve) => {
      answers.push(() => {
        resolve([])
      })
    })
  const writer = new TableWriter('t', send, { bufferBytes: 1 << 20 })
  const value = Buffer.alloc(1 << 19)
  await writer.write(put('a', 1, value))
  let resolved = false
  const second = writer.write(put('b', 1, value)).then(() => (resolved = true))
  await new Promise((resolve) => setImmediate(resolve))
  expect([answers.length, resolved]).toEqual([1, false])
  answers[0]?.()
  await second
  expect(resolved).toBe(true)
})

test('tells every refused row by its position among all', async () => {
  const table = await createTable(client)
  const failures: Failure[] = []
  const writer = client.writer(table, { onFailure: (failure) => void failures.push(failure) })
  for (let i = 0; i < 5000; i++)
    await writer.write(i === 7 || i === 4321 ? refused(key(i)) : put(key(i), 1, 'v'))
  await writer.close()
  expect(failures.map(({ index, error }) => [index, error.code])).toEqual([
    [7, 'NO_SUCH_FAMILY'],
    [4321, 'NO_SUCH_FAMILY'],
  ])
  expect(await scanAll(client, table, { keysOnly: true })).toHaveLength(4998)
})

test('fails with the first refused row when nobody wants to be told', async () => {
  const table = await createTable(client)
  const writer = client.writer(table)
  await writer.write(refused('a'))
  await expect(writer.flush()).rejects.toMatchObject({ code: 'NO_SUCH_FAMILY' })
  await expect(writer.write(put('b', 1, 'v'))).rejects.toMatchObject({ code: 'NO_SUCH_FAMILY' })
  await expect(writer.close()).rejects.toBeInstanceOf(HBaseError)
})

test('keeps the order of a row when asked to', async () => {
  const table = await createTable(client, { splits: [bytes('m')] })
  const writer = client.writer(table, { inOrder: true })
  // One timestamp: HBase keeps what arrived last.
  for (let i = 0; i < 300; i++) await writer.write(put(i % 3 ? 'a' : 'z', 5, `v${i}`))
  await writer.close()
  expect((await scanAll(client, table)).map(show)).toEqual(['q=v299', 'q=v297'])
})

test('takes nothing after it was closed, and closes twice', async () => {
  const writer = client.writer('t')
  await writer.close()
  await writer.close()
  await expect(writer.write(put('a', 1, 'v'))).rejects.toMatchObject({ code: 'CLOSED' })
  expect(() => client.writer('t', { bufferBytes: 0 })).toThrow(
    expect.objectContaining({ code: 'CONFIGURATION' }),
  )
})
