import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createTable, openClient, put } from './server.ts'
import { ScanRequest, ScanResponse } from '../../hbase/wire/messages.ts'
import { Deadline } from '../../hbase/deadline.ts'
import type { HBaseClient } from '../../hbase/index.ts'
import { Pool } from '../../hbase/pool.ts'
import { RemoteFault } from '../../hbase/faults.ts'
import { openTampered } from './tampering.ts'
import { replyOf } from './answers.ts'

const SCAN = { name: 'Scan', request: ScanRequest, response: ScanResponse }
const PAGE = { pageBytes: 2000 }

/** The scanners the server has opened for this client. */
const opened = new Set<bigint>()
let client: HBaseClient
let server: string
let table: string
let scanning = false

beforeAll(async () => {
  table = await createTable(openClient())
  const rows = Array.from({ length: 500 }, (_, i) => put(`r${i}`, 1, 'v'.repeat(100)))
  await openClient().mutate(table, rows)
  ;[server = ''] = await openClient().admin.servers()
  client = await openTampered({
    request: (frame, method) => {
      scanning = method === 'Scan'
      return [frame]
    },
    answer: (frame) => {
      const { parameter } = replyOf(frame)
      const id = scanning ? ScanResponse.decode(parameter).scannerId : undefined
      if (id !== undefined) opened.add(id)
      return frame
    },
  })
  // Where the region is, is known from here on.
  await client.exists(table, [Buffer.from('r1')])
})
beforeEach(() => {
  opened.clear()
})

/**
 * Which of the scanners the server still has. It gives rows to who asks one that is open; one that was
 * closed a moment ago gives an empty answer, later an UnknownScannerException (RSRpcServices.getRegionScanner).
 */
async function stillOpen(): Promise<bigint[]> {
  const pool = new Pool({ user: 'test', hosts: {}, callTimeoutMs: 5000 })
  const deadline = new Deadline(10_000, new AbortController().signal)
  const at = { server, service: 'ClientService' } as const
  const found: bigint[] = []
  for (const scannerId of opened) {
    const { cellsPerResult } = await pool
      .ask(at, SCAN, { scannerId, numberOfRows: 1 }, deadline)
      .catch(nothingOfClosed)
    if (cellsPerResult.length > 0) found.push(scannerId)
  }
  pool.close()
  return found
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 500))

function nothingOfClosed(error: unknown): { readonly cellsPerResult: readonly number[] } {
  if (error instanceof RemoteFault && error.remedy === 'rescan') return { cellsPerResult: [] }
  throw error
}

test('a scanner that is open is found open', async () => {
  const pages = client.scan(table, PAGE)[Symbol.asyncIterator]()
  await pages.next()
  // The next page is on its way, and a server takes two calls on one scanner for a mistake.
  await pause()
  expect(opened.size).toBe(1)
  expect(await stillOpen()).toEqual([...opened])
  await pages.return?.()
})

test('a scan that is left early has closed its scanner on the server', async () => {
  for await (const page of client.scan(table, PAGE)) {
    expect(page.length).toBeGreaterThan(0)
    break
  }
  expect(opened.size).toBe(1)
  expect(await stillOpen()).toEqual([])
})

test('a scan whose consumer fails has closed its scanner on the server', async () => {
  const consume = async () => {
    for await (const page of client.scan(table, PAGE)) throw new Error(`at ${page.length} rows`)
  }
  await expect(consume()).rejects.toThrow('rows')
  expect(opened.size).toBe(1)
  expect(await stillOpen()).toEqual([])
})

test('a scan that is aborted closes its scanner on the server', async () => {
  const abort = new AbortController()
  const scan = async () => {
    for await (const page of client.scan(table, { ...PAGE, signal: abort.signal })) {
      expect(page.length).toBeGreaterThan(0)
      abort.abort()
    }
  }
  await expect(scan()).rejects.toMatchObject({ code: 'ABORTED' })
  // Nobody waits for it.
  await pause()
  expect(opened.size).toBe(1)
  expect(await stillOpen()).toEqual([])
})

describe('a scan whose server has gone silent', () => {
  const CALL_MS = 20_000
  let silent = false

  const openSilent = () =>
    openTampered(
      { answer: (frame) => (silent ? Buffer.alloc(0) : frame) },
      { callTimeoutMs: CALL_MS },
    )
  beforeEach(() => {
    silent = false
  })

  test.each<[string, (signal: AbortSignal) => void]>([
    ['leaves the loop', () => {}],
    [
      'throws',
      (signal) => {
        signal.throwIfAborted()
      },
    ],
  ])('is left at once when it was aborted and its consumer %s', async (_how, leave) => {
    const mine = await openSilent()
    const abort = new AbortController()
    let abortedAt = Infinity
    const scan = async () => {
      for await (const page of mine.scan(table, { ...PAGE, signal: abort.signal })) {
        expect(page.length).toBeGreaterThan(0)
        silent = true
        // The next page is asked for by now, and the one after it will not come.
        if (abortedAt === Infinity) await pause()
        abortedAt = performance.now()
        abort.abort()
        leave(abort.signal)
        break
      }
    }
    await scan().catch(() => {})
    expect(performance.now() - abortedAt).toBeLessThan(CALL_MS / 4)
  })

  test.each([
    ['in seconds by who only leaves it', Infinity, CALL_MS / 4],
    ['at once when it is aborted meanwhile', 200, 1500],
  ])('is left %s', async (_how, abortAfterMs, withinMs) => {
    const mine = await openSilent()
    const abort = new AbortController()
    const pages = mine.scan(table, { ...PAGE, signal: abort.signal })[Symbol.asyncIterator]()
    await pages.next()
    silent = true
    const leftAt = performance.now()
    const left = pages.return?.()
    if (abortAfterMs < Infinity)
      setTimeout(() => {
        abort.abort()
      }, abortAfterMs)
    await left
    expect(performance.now() - leftAt).toBeLessThan(withinMs)
  })
})
