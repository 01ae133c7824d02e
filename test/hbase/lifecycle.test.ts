import { createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { afterEach, describe, expect, inject, test } from 'vitest'
import { bytes, createTable, openClient, put, scanAll, show } from './server.ts'
import { HBaseClient } from '../../hbase/index.ts'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

const servers: Server[] = []
const sockets: Socket[] = []
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy()
  for (const server of servers.splice(0)) server.close()
})

/** A server of our own on a free port; returns its address. */
async function listen(onConnection: (socket: Socket) => void): Promise<string> {
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => {})
    onConnection(socket)
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

const failing = (endpoint: string, options: object = {}) =>
  new HBaseClient({
    endpoints: [endpoint],
    callTimeoutMs: 300,
    operationTimeoutMs: 1500,
    ...options,
  })

describe('without a server to talk to', () => {
  test.each([
    ['nobody listens', () => Promise.resolve('127.0.0.1:1')],
    ['the port accepts and says nothing', () => listen(() => {})],
    ['the port closes at once', () => listen((socket) => socket.destroy())],
    [
      'the port speaks another language',
      () => listen((socket) => socket.end('HTTP/1.1 400 no\r\n\r\n')),
    ],
  ])('%s: UNREACHABLE before the deadline', async (_what, endpoint) => {
    const client = failing(await endpoint())
    const began = performance.now()
    await expect(client.mutate('t', [put('a', 1, 'v')])).rejects.toMatchObject({
      code: 'UNREACHABLE',
      retryable: true,
    })
    expect(performance.now() - began).toBeLessThan(1700)
    await client.close()
  })

  test('an answer that is no answer is not tried for ever', async () => {
    // Call 1, a parameter of 200 bytes that is not there.
    const client = failing(
      await listen((socket) =>
        socket.on('data', () => socket.write(Buffer.from('00000005' + '020801' + 'c801', 'hex'))),
      ),
    )
    await expect(client.regions('t')).rejects.toMatchObject({ code: 'UNREACHABLE' })
    await client.close()
  })

  test('another endpoint is used', async () => {
    const client = openClient({ endpoints: ['127.0.0.1:1', 'localhost:1', inject('hbase')] })
    expect(await client.version()).toMatch(/^\d/)
  })

  test('a wait can be aborted', async () => {
    const client = failing('127.0.0.1:1', { operationTimeoutMs: 60_000 })
    const abort = new AbortController()
    setTimeout(() => {
      abort.abort()
    }, 200)
    const began = performance.now()
    const write = client.mutate('t', [put('a', 1, 'v')], { signal: abort.signal })
    await expect(write).rejects.toMatchObject({ code: 'ABORTED' })
    expect(performance.now() - began).toBeLessThan(1000)
    await client.close()
  })
})

test.each([[[]], [['nonsense']]])('endpoints %j are refused', (endpoints) => {
  expect(() => new HBaseClient({ endpoints })).toThrow(
    expect.objectContaining({ code: 'CONFIGURATION' }),
  )
})

test.each([
  ['callTimeoutMs', 0],
  ['callTimeoutMs', Infinity],
  ['operationTimeoutMs', Number.NaN],
  ['maxCellBytes', Number.NaN],
  ['maxCellBytes', -1],
])('%s of %d is refused', (name, value) => {
  expect(() => new HBaseClient({ endpoints: ['a:1'], [name]: value })).toThrow(
    expect.objectContaining({ code: 'CONFIGURATION' }),
  )
})

test('hosts can be renamed', async () => {
  const client = openClient()
  const published = (await client.admin.servers())[0]?.split(':')[0] ?? ''
  const renaming = openClient({ hosts: { [published]: '127.0.0.1' } })
  expect(await renaming.admin.listTables()).toBeDefined()
  const nowhere = openClient({
    hosts: { [published]: '192.0.2.1' },
    operationTimeoutMs: 1000,
    callTimeoutMs: 300,
  })
  await expect(nowhere.admin.listTables()).rejects.toMatchObject({ code: 'UNREACHABLE' })
})

/** Passes bytes on to the real server, changed as `shape` likes. */
async function proxy(shape: (chunk: Buffer, to: Socket) => void): Promise<string> {
  const [host = '', port = ''] = inject('hbase').split(':')
  return listen((socket) => {
    const upstream = connect(Number(port), host)
    sockets.push(upstream)
    upstream.on('error', () => {})
    socket.on('data', (chunk) => upstream.write(chunk))
    upstream.on('data', (chunk) => {
      shape(chunk, socket)
    })
    socket.on('close', () => upstream.destroy())
    upstream.on('close', () => socket.destroy())
  })
}

test('answers may come byte by byte', async () => {
  const endpoint = await proxy((chunk, to) => {
    for (const byte of chunk) to.write(Buffer.from([byte]))
  })
  const client = openClient({ endpoints: [endpoint] })
  expect(await client.admin.listTables()).toBeDefined()
})

test('an aborted scan ends, and the client goes on', async () => {
  const client = openClient()
  const table = await createTable(client)
  await client.mutate(
    table,
    Array.from({ length: 500 }, (_, i) => put(`r${i}`, 1, 'v'.repeat(100))),
  )
  const abort = new AbortController()
  const scan = async () => {
    for await (const page of client.scan(table, { pageBytes: 1000, signal: abort.signal })) {
      expect(page.length).toBeGreaterThan(0)
      abort.abort()
    }
  }
  await expect(scan()).rejects.toMatchObject({ code: 'ABORTED' })
  const left = new AbortController()
  for await (const page of client.scan(table, { pageBytes: 1000, signal: left.signal })) {
    expect(page.length).toBeGreaterThan(0)
    left.abort()
    break
  }
  expect(await scanAll(client, table)).toHaveLength(500)
})

test('close ends what is under way and leaves nothing open', async () => {
  const open = () =>
    process.getActiveResourcesInfo().filter((name) => /TCP|Timeout|Socket/.test(name)).length
  const setup = openClient()
  const table = await createTable(setup)
  await setup.mutate(table, [put('a', 1, 'v')])
  const before = open()
  const client = new HBaseClient({ endpoints: [inject('hbase')] })
  expect((await client.get(table, [bytes('a')])).map(show)).toEqual(['q=v'])
  expect(open()).toBeGreaterThan(before)
  const under = client.mutate(
    table,
    Array.from({ length: 5000 }, (_, i) => put(`r${i}`, 1, 'v')),
  )
  const rejected = expect(under).rejects.toMatchObject({ code: 'CLOSED' })
  await client.close()
  await client.close()
  await rejected
  await expect(client.get(table, [bytes('a')])).rejects.toMatchObject({ code: 'CLOSED' })
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(open()).toBeLessThanOrEqual(before + 1)
})

test('close leaves nothing that keeps the process, also while a server is asked what it speaks', async () => {
  const sockets = () =>
    process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
  let taken = 0
  // It closes like one that takes TLS only, and is silent when it is asked in TLS.
  const endpoint = await listen((socket) => {
    socket.unref()
    if (++taken <= 2) socket.destroy()
  })
  await sleep(100)
  const before = sockets()
  const client = new HBaseClient({ endpoints: [endpoint] })
  const rejected = expect(client.version()).rejects.toMatchObject({ code: 'CLOSED' })
  while (taken < 3) await sleep(10)
  await client.close()
  await rejected
  await sleep(100)
  expect(sockets()).toBeLessThanOrEqual(before)
})
