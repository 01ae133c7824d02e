import { cp, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { BulkLoadFile, HBaseClient } from '../../hbase/index.ts'

/** Where the server the tests share keeps its files, on this machine. */
async function dataFolder(client: HBaseClient, table: string): Promise<string> {
  const token = await client.admin.prepareBulkLoad(table)
  await client.admin.cleanupBulkLoad(table, token)
  const [, root] = /^file:\/*(\/.*)\/staging\/[^/]+$/.exec(token) ?? []
  if (root === undefined) throw new Error('HBase must keep its files on this machine')
  const [namespace, name] = table.includes(':') ? table.split(':') : ['default', table]
  return join(root, 'data', namespace ?? '', name ?? '')
}

/** Flushes a table and copies its files with rows into a folder of its own, family by family. */
export async function exported(client: HBaseClient, table: string): Promise<BulkLoadFile[]> {
  await client.admin.flush(table)
  const from = await dataFolder(client, table)
  const to = await mkdtemp(join(tmpdir(), 'longhaul-hfiles-'))
  onTestFinished(() => rm(to, { recursive: true, force: true }))
  const described = await client.admin.describe(table)
  const files: BulkLoadFile[] = []
  for (const { encodedName } of await client.admin.regions(table)) {
    for (const { name: family } of described?.families ?? []) {
      await mkdir(join(to, family), { recursive: true })
      for (const name of await readdir(join(from, encodedName, family))) {
        if (!/^[0-9a-f]{32}(?:_SeqId_\d+_)?$/.test(name)) continue
        const path = join(to, family, basename(name))
        await cp(join(from, encodedName, family, name), path)
        files.push({ family, path: `file://${path}` })
      }
    }
  }
  return files
}
