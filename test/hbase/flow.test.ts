import { describe, expect, test } from 'vitest'
import { bytes, createTable, openClient, put, scanAll, show } from './server.ts'
import { Deadline } from '../../hbase/deadline.ts'
import { Flights } from '../../hbase/flights.ts'
import { Gate } from '../../hbase/gate.ts'
import { Pace } from '../../hbase/pace.ts'
import { RemoteFault, SlowCall } from '../../hbase/faults.ts'

const deadline = (ms = 5000, signal?: AbortSignal) =>
  new Deadline(ms, new AbortController().signal, signal === undefined ? {} : { signal })
const MB = 1 << 20

/** A request that is answered when told. */
function pending(): { readonly send: () => Promise<void>; readonly answer: () => void } {
  let answer = () => {}
  const answered = new Promise<void>((resolve) => (answer = resolve))
  return { send: () => answered, answer }
}

describe('requests under way', () => {
  test('a server that never answers does not hold back another, however much waits for it', async () => {
    const flights = new Flights()
    const stuck = pending()
    const toDead = Array.from({ length: 50 }, () =>
      flights.run({ server: 'dead:1', bytes: 40 * MB }, deadline(), stuck.send),
    )
    const began = performance.now()
    for (let i = 0; i < 20; i++) {
      await flights.run({ server: 'alive:1', bytes: 2 * MB }, deadline(), () => Promise.resolve())
    }
    expect(performance.now() - began).toBeLessThan(200)
    stuck.answer()
    await Promise.all(toDead)
  })

  test('bytes are limited for one server and for all, but each may have one request', async () => {
    let under = 0
    let most = 0
    const flights = new Flights()
    const send = async (bytes: number) => {
      most = Math.max(most, (under += bytes))
      await new Promise((resolve) => setTimeout(resolve, 2))
      under -= bytes
    }
    const run = (server: string, bytes: number) =>
      flights.run({ server, bytes }, deadline(), () => send(bytes))
    await Promise.all(Array.from({ length: 40 }, () => run('a:1', 6 * MB)))
    expect(most).toBe(12 * MB)
    most = 0
    const servers = Array.from({ length: 10 }, (_, i) => `${i}:1`)
    await Promise.all(
      servers.flatMap((server) => Array.from({ length: 9 }, () => run(server, 8 * MB))),
    )
    expect(most).toBeGreaterThan(60 * MB)
    // 64 MB, and one request of each server that had none.
    expect(most).toBeLessThanOrEqual((64 + 8 * 10) * MB)
  })

  test('a lane lets one through at a time, in the order of arrival', async () => {
    const flights = new Flights()
    const order: string[] = []
    await Promise.all(
      [3, 1, 2].map((pause) =>
        flights.run({ server: 'a:1', bytes: 1, lane: 'x' }, deadline(), async () => {
          order.push(`begin ${pause}`)
          await new Promise((resolve) => setTimeout(resolve, pause))
          order.push(`end ${pause}`)
        }),
      ),
    )
    expect(order).toEqual([3, 1, 2].flatMap((pause) => [`begin ${pause}`, `end ${pause}`]))
  })

  test('who waits longer than its deadline, or is aborted, leaves and takes no place', async () => {
    const gate = new Gate({ capacityOf: () => 1 })
    const leave = await gate.enter('a', 1, deadline())
    const abort = new AbortController()
    const aborted = gate.enter('a', 1, deadline(5000, abort.signal))
    const late = gate.enter('a', 1, deadline(30))
    abort.abort()
    await expect(aborted).rejects.toMatchObject({ code: 'ABORTED' })
    await expect(late).rejects.toMatchObject({ code: 'TIMEOUT' })
    const next = gate.enter('a', 1, deadline())
    leave()
    ;(await next)()
    expect(gate.isEmpty).toBe(true)
  })
})

describe('the window of a server', () => {
  const BYTES = 1 << 20

  test('grows while answers come as quickly as from an idle server', () => {
    const pace = new Pace()
    for (let i = 0; i < 200; i++) pace.answered(20 + (i % 5), BYTES, true, i)
    expect(pace.limit).toBe(16)
  })

  test('does not grow when it is not used up', () => {
    const pace = new Pace()
    for (let i = 0; i < 200; i++) pace.answered(20, BYTES, false, i)
    expect(pace.limit).toBe(4)
  })

  test('finds its level where answers take in proportion to what is under way', () => {
    const pace = new Pace()
    pace.answered(10, BYTES, false, 0)
    const limits: number[] = []
    for (let i = 1; i < 500; i++) {
      pace.answered(10 * pace.limit, BYTES, true, i)
      limits.push(pace.limit)
    }
    expect(Math.max(...limits)).toBeLessThanOrEqual(5)
    expect(Math.min(...limits)).toBeGreaterThanOrEqual(2)
  })

  test('shrinks to one where every answer is late, and recovers', () => {
    const pace = new Pace()
    pace.answered(10, BYTES, false, 0)
    for (let i = 1; i < 20; i++) pace.answered(500, BYTES, true, i)
    expect(pace.limit).toBe(1)
    for (let i = 20; i < 200; i++) pace.answered(12, BYTES, true, i)
    expect(pace.limit).toBeGreaterThan(8)
  })

  test('small requests are not measured by large ones', () => {
    const pace = new Pace()
    for (let i = 0; i < 100; i++) {
      pace.answered(1, 1000, true, 2 * i)
      pace.answered(100, BYTES, true, 2 * i + 1)
    }
    expect(pace.limit).toBe(16)
  })

  test('is halved by a server that has too much to do, once per moment', async () => {
    const pace = new Pace()
    for (let i = 0; i < 1000; i++) pace.overloaded(1000)
    expect(pace.limit).toBe(2)
    const flights = new Flights()
    const fails = (error: Error) => () => Promise.reject(error)
    const busy = new RemoteFault('org.apache.hadoop.hbase.CallQueueTooBigException', '')
    for (const [server, error] of [
      ['a:1', busy],
      ['b:1', new SlowCall('x')],
    ] as const) {
      await expect(flights.run({ server, bytes: 1 }, deadline(), fails(error))).rejects.toBe(error)
      expect(flights.limitOf(server)).toBe(2)
    }
    const refused = new RemoteFault('org.apache.hadoop.hbase.DoNotRetryIOException', '')
    await expect(flights.run({ server: 'c:1', bytes: 1 }, deadline(), fails(refused))).rejects.toBe(
      refused,
    )
    expect(flights.limitOf('c:1')).toBe(4)
  })
})

describe('what every call may be told', () => {
  const client = openClient()

  test('rows given more than once are written in the order given when asked for', async () => {
    const table = await createTable(client, { splits: [bytes('m')] })
    // One timestamp: HBase keeps what arrived last.
    const mutations = Array.from({ length: 400 }, (_, i) => put(i % 2 ? 'a' : 'z', 5, `v${i}`))
    expect(await client.mutate(table, mutations, { inOrder: true })).toEqual([])
    expect((await scanAll(client, table)).map(show)).toEqual(['q=v399', 'q=v398'])
  })

  test.each([
    ['no time at all', { deadlineMs: 0 }],
    ['a call without time', { callTimeoutMs: Number.NaN }],
    ['time without end', { deadlineMs: Infinity }],
    ['a call of more time than timers have', { callTimeoutMs: 2 ** 31 }],
    ['half a priority', { priority: 0.5 }],
    ['a priority above all', { priority: 201 }],
  ])('%s is refused', async (_what, options) => {
    await expect(client.get('t', [bytes('a')], options)).rejects.toMatchObject({
      code: 'CONFIGURATION',
    })
    await expect(scanAll(client, 't', options)).rejects.toMatchObject({ code: 'CONFIGURATION' })
  })

  test('a signal that was aborted before ends every kind of call', async () => {
    const table = await createTable(client)
    const options = { signal: AbortSignal.abort() }
    for (const call of [
      () => client.mutate(table, [put('a', 1, 'v')], options),
      () => client.mutate(table, [put('a', 1, 'v')], { ...options, atomic: true }),
      () => client.get(table, [bytes('a')], options),
      () => client.regions(table, options),
      () => scanAll(client, table, options),
    ])
      await expect(call()).rejects.toMatchObject({ code: 'ABORTED', table })
    expect(await scanAll(client, table)).toEqual([])
  })

  test('a call of a higher rank is answered as well', async () => {
    const table = await createTable(client)
    const options = { priority: 100, callTimeoutMs: 5000, deadlineMs: 10_000 }
    expect(await client.mutate(table, [put('a', 1, 'v')], options)).toEqual([])
    expect((await client.get(table, [bytes('a')], options)).map(show)).toEqual(['q=v'])
  })
})
