import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { randomBytes } from 'node:crypto'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { CHANNELS, HBaseClient } from '../../hbase/index.ts'
import type {
  CallMessage,
  ConnectionMessage,
  HBaseError,
  Mutation,
  RelocationMessage,
  RetryMessage,
} from '../../hbase/index.ts'
import { retries } from '../../hbase/channels.ts'
import { cell, createTable, openClient, put, scanAll } from './server.ts'
import { Proxy } from './wire/proxy.ts'

const heard = {
  call: [] as CallMessage[],
  retry: [] as RetryMessage[],
  relocation: [] as RelocationMessage[],
  connection: [] as ConnectionMessage[],
}
const names = Object.keys(CHANNELS) as (keyof typeof CHANNELS)[]
const listeners = names.map((name) => (message: unknown) => {
  ;(heard[name] as unknown[]).push(message)
})

beforeAll(() => {
  names.forEach((name, i) => {
    subscribe(CHANNELS[name], listeners[i] ?? (() => {}))
  })
})
afterAll(() => {
  names.forEach((name, i) => unsubscribe(CHANNELS[name], listeners[i] ?? (() => {})))
})

const client = openClient()

/** A table split in the middle behind the client's back, so that what it knows is stale. */
async function splitTable(): Promise<string> {
  const table = await createTable(client)
  await client.mutate(table, [put('a', 1, 'v'), put('z', 1, 'v')])
  await openClient().admin.split(table, Buffer.from('m'))
  return table
}

describe('who listens hears', () => {
  test('every call: method, server, table, time, bytes and outcome', async () => {
    const table = await createTable(client)
    const value = 'v'.repeat(5000)
    await client.mutate(table, [put('a', 1, value)])
    await client.get(table, [Buffer.from('a')])
    const [write, read] = heard.call.filter((one) => one.table === table && one.method === 'Multi')
    const [server = ''] = await client.admin.servers()
    expect(write).toMatchObject({ server, outcome: 'ok' })
    expect(write?.milliseconds).toBeGreaterThan(0)
    expect(write?.bytesOut).toBeGreaterThan(5000)
    expect(write?.bytesIn).toBeLessThan(200)
    expect(read?.bytesOut).toBeLessThan(300)
    expect(read?.bytesIn).toBeGreaterThan(5000)
  })

  test('a call that failed, by the class of what HBase answered', async () => {
    const table = await createTable(client)
    await client.admin.disable(table)
    await expect(client.admin.disable(table)).rejects.toThrow()
    expect(heard.call.at(-1)?.outcome).toMatch(/TableNotEnabledException$|^ok$/)
    await expect(client.admin.deleteTable('no_such_table')).rejects.toThrow()
    expect(heard.call.at(-1)).toMatchObject({
      table: 'no_such_table',
      outcome: 'org.apache.hadoop.hbase.TableNotFoundException',
    })
  })

  test('retries and relocations, with the region by its encoded name', async () => {
    const table = await splitTable()
    await client.mutate(table, [put('a', 2, 'v'), put('z', 2, 'v')])
    const retry = heard.retry.find((one) => one.table === table)
    expect(retry).toMatchObject({
      attempt: 1,
      why: expect.stringMatching(/Exception$/) as string,
      overloaded: false,
    })
    expect(retry?.pauseMs).toBeGreaterThan(0)
    expect(retry?.region).toMatch(/^[0-9a-f]{32}$/)
    const relocation = heard.relocation.find((one) => one.table === table)
    expect(relocation).toMatchObject({ region: retry?.region, server: retry?.server })
  })

  test('connections: opened, and why they ended', async () => {
    const other = new HBaseClient({ endpoints: [inject('hbase')] })
    await other.version()
    await other.close()
    const about = heard.connection.filter(({ service }) => service === 'MasterService')
    expect(about.at(-2)).toMatchObject({ state: 'open', why: undefined })
    expect(about.at(-1)).toMatchObject({
      state: 'closed',
      why: expect.stringContaining('closed by the client') as string,
    })
  })
})

test('where nobody listens no message is made', () => {
  for (const [i, name] of names.entries()) unsubscribe(CHANNELS[name], listeners[i] ?? (() => {}))
  retries.publish(() => {
    throw new Error('made for nobody')
  })
  for (const [i, name] of names.entries()) subscribe(CHANNELS[name], listeners[i] ?? (() => {}))
})

test('an error carries table, region, server, class and attempts', async () => {
  const table = await createTable(client)
  const [server = ''] = await client.admin.servers()
  const wrong: Mutation = {
    row: Buffer.from('r'),
    cells: [{ ...cell('q', 1, 'v'), family: Buffer.from('none') }],
  }
  const [failure] = await client.mutate(table, [wrong])
  const region = expect.stringMatching(/^[0-9a-f]{32}$/) as string
  expect(failure?.error).toMatchObject({
    code: 'NO_SUCH_FAMILY',
    table,
    region,
    server,
    remoteClass: 'org.apache.hadoop.hbase.regionserver.NoSuchColumnFamilyException',
  })
  const family = await client.get(table, [Buffer.from('r')], { families: ['none'] }).catch(failed)
  expect(family).toMatchObject({ code: 'NO_SUCH_FAMILY', table, region, server })
  const proxy = await Proxy.to(server)
  const lost = openClient({
    hosts: { [server]: proxy.address },
    callTimeoutMs: 200,
    operationTimeoutMs: 3000,
  })
  await lost.mutate(table, [put('a', 1, 'v')])
  proxy.weather = { request: () => {} }
  const late = await lost.mutate(table, [put('a', 1, 'v')]).catch(failed)
  expect(late).toMatchObject({ code: 'UNREACHABLE', table, retryable: true })
  expect((late as HBaseError).attempts).toBeGreaterThan(1)
  await lost.close()
  await proxy.close()
})

const failed = (error: unknown) => error

test('neither messages nor errors hold anything of a row', async () => {
  const secret = randomBytes(12)
  const word = `k${secret.toString('hex')}`
  const table = await createTable(client, { splits: [Buffer.from(`${word}5`)] })
  const cellOf = (change: object) => ({ ...cell(word, 1, word), ...change })
  // In the second region, whose name begins with a key.
  const row = Buffer.from(`${word}8`)
  const told: unknown[] = []
  const tell = async (call: Promise<unknown>) => {
    told.push(await call.catch(failed))
  }
  const rows = Array.from({ length: 10 }, (_, i) => put(`${word}${i}`, 1, word))
  await tell(client.mutate(table, rows).then((failures) => failures))
  for (const change of [
    { family: Buffer.from('none') },
    { timestamp: -1 },
    { type: 99 },
    { value: Buffer.alloc(11 << 20, word) },
  ]) {
    const cells = [cellOf(change)]
    for (const atomic of [false, true]) {
      await tell(openClient({ maxCellBytes: 20 << 20 }).mutate(table, [{ row, cells }], { atomic }))
    }
  }
  await tell(client.get(table, [row], { families: ['none'] }))
  await tell(client.get(table, [Buffer.concat([row, Buffer.alloc(40_000)])]))
  await tell(scanAll(client, table, { families: ['none'] }))
  await tell(client.admin.split(table, Buffer.from(`${word}5`)))
  const other = openClient()
  await other.admin.split(table, Buffer.from(`${word}7`))
  await tell(client.mutate(table, rows).then((failures) => failures))
  await other.admin.disable(table)
  await tell(client.mutate(table, rows))
  await tell(client.get(table, [row]))
  const errors = told.flatMap((one) =>
    Array.isArray(one) ? one.map((failure: unknown) => failure) : one,
  )
  const seen = inspect([errors, heard], { depth: 10, showHidden: true, maxArrayLength: null })
  const all = `${seen}${JSON.stringify(errors)}${errors.map(stackOf).join()}`
  expect(errors.filter((error) => stackOf(error) !== '').length).toBeGreaterThan(10)
  expect(heard.retry.some((one) => one.table === table)).toBe(true)
  for (const form of ['utf8', 'hex', 'base64'] as const) {
    expect(all).not.toContain(Buffer.from(word).toString(form).slice(0, 20))
  }
  expect(all).not.toContain(secret.toString('hex'))
})

const stackOf = (error: unknown): string => {
  const inner = error instanceof Error ? error : (error as { error?: unknown } | undefined)?.error
  return inner instanceof Error ? `${inner.message}${inner.stack ?? ''}` : ''
}
