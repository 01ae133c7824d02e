import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { bytes, cell, createTable, put, scanAll, text } from './server.ts'
import { CHANNELS } from '../../hbase/index.ts'
import type { CallMessage, HBaseClient, Mutation, Result, RetryMessage } from '../../hbase/index.ts'
import { ownServer } from './own-server.ts'

const REQUEST_BYTES = 300_000
const LEASE_MS = 3000

const open = ownServer({
  'hbase.ipc.max.request.size': String(REQUEST_BYTES),
  'hbase.client.scanner.timeout.period': String(LEASE_MS),
})

const calls: CallMessage[] = []
const retries: RetryMessage[] = []
const hearCall = (message: unknown) => void calls.push(message as CallMessage)
const hearRetry = (message: unknown) => void retries.push(message as RetryMessage)
let client: HBaseClient

beforeEach(() => {
  calls.length = retries.length = 0
  subscribe(CHANNELS.call, hearCall)
  subscribe(CHANNELS.retry, hearRetry)
  client = open({ operationTimeoutMs: 20_000 })
})
afterEach(() => {
  unsubscribe(CHANNELS.call, hearCall)
  unsubscribe(CHANNELS.retry, hearRetry)
})

const image = ({ row, cells }: Mutation | Result) =>
  [text(row), Buffer.from(cells[0]?.value ?? []).toString('base64')] as const

const tooBig = () => calls.filter(({ outcome }) => outcome.endsWith('.RequestTooBigException'))

describe.each([{ atomic: false }, { atomic: true }])(
  'a server that takes small requests, and a write with %j',
  (mode) => {
    test('gets a large batch in pieces it takes, and whole', async () => {
      const table = await createTable(client, { splits: [bytes('r2')] })
      const rows = Array.from({ length: 400 }, (_, i) => put(`r${i}`, 1, randomBytes(10_000)))
      expect(await client.mutate(table, rows, mode)).toEqual([])
      expect(tooBig().length).toBeGreaterThan(0)
      const stored = await scanAll(client, table)
      expect(new Map(stored.map(image))).toEqual(new Map(rows.map(image)))
    })

    test('is sent the pieces on a connection that it still reads', async () => {
      const table = await createTable(client)
      const rows = Array.from({ length: 50 }, (_, i) => put(`r${i}`, 1, randomBytes(10_000)))
      for (let i = 0; i < 10; i++) expect(await client.mutate(table, rows, mode)).toEqual([])
      expect(tooBig().length).toBeGreaterThan(4)
      // Half of it fits. The answer itself is lost when the connection is reset before it is read: seldom.
      expect(retries.filter((retry) => retry.table === table).length).toBeLessThan(5)
    })

    test('gets all rows but the one it does not take, which is named', async () => {
      const table = await createTable(client, { splits: [bytes('r2')] })
      const rows = Array.from({ length: 30 }, (_, i) => put(`r${i}`, 1, 'v'.repeat(10_000)))
      const parts = Array.from({ length: 5 }, (_, i) => cell(`c${i}`, 1, randomBytes(80_000)))
      const given = rows.map((row, i) => (i === 17 ? { ...row, cells: parts } : row))
      const failures = await client.mutate(table, given, mode)
      expect(failures).toMatchObject([{ index: 17, error: { code: 'ROW_TOO_LARGE', table } }])
      expect(failures[0]?.error.message).not.toContain('r17')
      expect(await scanAll(client, table)).toHaveLength(29)
    })
  },
)

test('a scanner is kept for a consumer that pauses longer than the lease', async () => {
  const table = await createTable(client)
  const rows = Array.from({ length: 200 }, (_, i) => put(`r${1000 + i}`, 1, 'v'.repeat(1000)))
  await client.mutate(table, rows)
  const seen: string[] = []
  for await (const page of client.scan(table, { pageBytes: 20_000 })) {
    if (seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 2.5 * LEASE_MS))
    seen.push(...page.map(({ row }) => text(row)))
  }
  expect(seen).toEqual(rows.map(({ row }) => text(row)))
  // A scanner that was lost would have been replaced by another, after one of these.
  expect(retries.filter((retry) => retry.table === table)).toEqual([])
})
