import { createServer, type AddressInfo, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { HEADROOM } from '../../hbase/call.ts'
import { Deadline } from '../../hbase/deadline.ts'
import { Pool } from '../../hbase/pool.ts'

const LIMIT_MS = 1500
const READS_AFTER_MS = 1000

// A server that takes no data for a while, then all of it, and never answers.
const sockets: Socket[] = []
const server = createServer((socket) => {
  socket.pause()
  socket.on('error', () => undefined)
  setTimeout(() => socket.resume(), READS_AFTER_MS)
  sockets.push(socket)
})
const never = new AbortController()
const pool = new Pool({ user: 'nobody', hosts: {}, callTimeoutMs: 20_000 })

beforeEach(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
afterEach(() => {
  for (const socket of sockets) socket.destroy()
  server.close()
})

test('a call that waited for room ends with its deadline all the same', async () => {
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const send = async (size: number, limitMs: number): Promise<void> => {
    const bytes = Buffer.alloc(HEADROOM + size)
    const request = { method: 'Multi', bytes, cellsAt: bytes.length }
    const deadline = new Deadline(limitMs, never.signal)
    await pool.send(address, 'ClientService', request, deadline)
  }
  const large = send(32 << 20, 10 * LIMIT_MS).catch((error: unknown) => error)
  await new Promise((resolve) => setTimeout(resolve, 100))
  const began = performance.now()
  await expect(send(10, LIMIT_MS)).rejects.toThrow()
  const took = performance.now() - began
  expect(took).toBeGreaterThan(READS_AFTER_MS - 500)
  expect(took).toBeLessThan(LIMIT_MS + 300)
  pool.close()
  await large
})
