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
