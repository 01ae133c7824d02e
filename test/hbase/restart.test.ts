import { mkdtempSync, rmSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTable, put, scanAll, show, text } from './server.ts'
import { HBaseClient } from '../../hbase/index.ts'
import { join } from 'node:path'
import { startServices } from '../../services/index.ts'
import { tmpdir } from 'node:os'

const folder = mkdtempSync(join(tmpdir(), 'longhaul-hbase-'))
let hbase: Awaited<ReturnType<typeof startServices>>['hbase']
let client: HBaseClient

beforeAll(async () => {
  const started = await startServices(['hbase'], { folder, log: () => {} })
  hbase = started.hbase
  client = new HBaseClient({ endpoints: [hbase.address], callTimeoutMs: 5000 })
})

afterAll(async () => {
  await client.close()
  await hbase.stop()
  rmSync(folder, { recursive: true, force: true })
})

test('no acknowledged row is lost when the server is killed while rows are written', async () => {
  const table = await createTable(client, {
    splits: ['2', '4', '6', '8'].map((key) => Buffer.from(key)),
  })
  const acknowledged = new Map<string, string>()
  let writing = true
  const write = async (writer: number) => {
    for (let batch = 0; writing; batch++) {
      const rows = Array.from(
        { length: 100 },
        (_, i) => `${(i + batch) % 10}-${writer}-${batch}-${i}`,
      )
      const failures = await client.mutate(
        table,
        rows.map((row) => put(row, 1000 + batch, `v${batch}`)),
        { atomic: writer % 2 === 0 },
      )
      expect(failures).toEqual([])
      for (const row of rows) acknowledged.set(row, `q=v${batch}`)
    }
  }
  const writers = [0, 1, 2].map(write)
  await until(() => acknowledged.size > 2000)
  const reading = scanWhile(() => writing, table)
  await hbase.kill('SIGKILL')
  await hbase.restart()
  const after = acknowledged.size
  await until(() => acknowledged.size > after + 2000)
  writing = false
  await Promise.all([...writers, reading])
  const stored = new Map((await scanAll(client, table)).map((row) => [text(row.row), show(row)]))
  const lost = [...acknowledged].filter(([row, value]) => stored.get(row) !== value)
  expect(lost).toEqual([])
}, 180_000)

test.each([false, true])(
  'scans go on behind their last row at a server that was killed and has come back on its port (reversed: %s)',
  async (reversed) => {
    const table = await createTable(client, { splits: [Buffer.from('k150')] })
    const keys = Array.from({ length: 300 }, (_, i) => `k${String(i).padStart(3, '0')}`)
    const rows = keys.map((key) => put(key, 1, key.repeat(50)))
    expect(await client.mutate(table, rows)).toEqual([])
    const options = { reversed, pageRows: 40 }
    const paged = client.scan(table, options)[Symbol.asyncIterator]()
    const packed = client.scanPacked(table, options)[Symbol.asyncIterator]()
    const seen: string[] = []
    const seenPacked: string[] = []
    const next = async (): Promise<boolean> => {
      const [page, bytes] = await Promise.all([paged.next(), packed.next()])
      if (page.done !== true) seen.push(...page.value.map(({ row }) => text(row)))
      if (bytes.done !== true) while (bytes.value.nextRow()) seenPacked.push(text(bytes.value.row))
      return page.done !== true || bytes.done !== true
    }
    await next()
    // A region server of the same address, which knows nothing of the scanners of the one before.
    await hbase.kill('SIGKILL')
    await hbase.restart()
    while (await next());
    const expected = reversed ? keys.toReversed() : keys
    expect(seen).toEqual(expected)
    expect(seenPacked).toEqual(expected)
  },
  180_000,
)

/** Scans that run through the restart must each have seen at least what the one before saw. */
async function scanWhile(going: () => boolean, table: string): Promise<void> {
  let seen = 0
  while (going()) {
    const rows = await scanAll(client, table, { pageBytes: 5000 })
    expect(rows.length).toBeGreaterThanOrEqual(seen)
    seen = rows.length
  }
}

async function until(reached: () => boolean): Promise<void> {
  while (!reached()) await new Promise((resolve) => setTimeout(resolve, 50))
}
