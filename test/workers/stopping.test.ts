import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startOwn } from '../e2e/own-servers.ts'
import { startWorker } from '../e2e/worker-process.ts'

const folder = mkdtempSync(join(tmpdir(), 'longhaul-stopping-'))
const connections = join(folder, 'connections.yaml')
const log = join(folder, 'worker.log')

beforeAll(() => {
  writeFileSync(
    connections,
    `sources:
  shop: { address: '127.0.0.1:1', user: nobody, password: none }
clusters:
  main: { endpoints: ['127.0.0.1:1'] }
`,
  )
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test.each(['SIGKILL', 'SIGSTOP'] as const)(
  'a worker that is told to stop ends, though Temporal went away at the same moment: %s',
  { timeout: 90_000 },
  async (signal) => {
    const own = await startOwn('temporal')
    const { temporal } = own.servers
    try {
      const worker = await startWorker({
        ...{ address: temporal.address, namespace: 'default' },
        ...{ connections, projects: folder, log, env: {} },
      })
      await temporal.kill(signal)
      const began = performance.now()
      await worker.kill('SIGTERM')
      expect(performance.now() - began).toBeLessThan(25_000)
    } finally {
      if (signal === 'SIGSTOP') await temporal.kill('SIGCONT')
      await own.close()
    }
  },
)
