import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, vi } from 'vitest'
import { HBaseClient } from '../../hbase/index.ts'
import type { ClientOptions } from '../../hbase/index.ts'
import { startServices } from '../../services/index.ts'

/** An HBase for this file alone, with these settings; returns what makes clients of it. */
export function ownServer(
  settings: Readonly<Record<string, string>>,
): (options?: Partial<ClientOptions>) => HBaseClient {
  const folder = mkdtempSync(join(tmpdir(), 'longhaul-own-hbase-'))
  const clients: HBaseClient[] = []
  let address = ''
  let stop = (): Promise<void> => Promise.resolve()
  beforeAll(async () => {
    // The server that a user names has other settings.
    vi.stubEnv('LONGHAUL_HBASE', '')
    const { hbase } = await startServices(['hbase'], {
      folder,
      log: () => {},
      hbase: { settings },
    })
    address = hbase.address
    stop = () => hbase.stop()
  })
  afterAll(async () => {
    for (const client of clients) await client.close()
    await stop()
    rmSync(folder, { recursive: true, force: true })
    vi.unstubAllEnvs()
  })
  return (options = {}) => {
    const client = new HBaseClient({ endpoints: [address], ...options })
    clients.push(client)
    return client
  }
}
