import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Log } from './contract.ts'
import { withLock } from './lock.ts'
import { birth, isAlive } from './process.ts'

/** One per user, shared by all clones. */
export function cacheFolder(): string {
  const own = process.env['LONGHAUL_CACHE']
  if (own) return own
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'longhaul')
}

export function cached(key: string): string | undefined {
  const folder = join(cacheFolder(), key)
  return existsSync(folder) ? folder : undefined
}

/**
 * Fills a new cache entry. The entry appears by one rename when `fill` is done, so what is there is
 * complete; two clones never fill the same entry at once, and what a killed one left is swept away.
 */
export async function intoCache(
  key: string,
  tools: { readonly log: Log; readonly signal: AbortSignal },
  fill: (staging: string) => Promise<void>,
): Promise<string> {
  const root = cacheFolder()
  const target = join(root, key)
  await mkdir(join(root, 'staging'), { recursive: true })
  return withLock(join(root, `${key}.lock`), tools, async () => {
    if (existsSync(target)) return target
    await sweep(join(root, 'staging'), key)
    const staging = join(root, 'staging', `${key}@${stamp()}`)
    try {
      await mkdir(staging)
      await fill(staging)
      tools.signal.throwIfAborted()
      await rename(staging, target)
    } finally {
      await rm(staging, { recursive: true, force: true })
    }
    return target
  })
}

function stamp(): string {
  const born = Buffer.from(birth(process.pid)).toString('base64url')
  return `${process.pid}@${born}@${randomBytes(4).toString('hex')}`
}

async function sweep(folder: string, key: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const [ofKey, pid, born] = name.split('@')
    if (ofKey !== key) continue
    const owner = { pid: Number(pid), born: Buffer.from(born ?? '', 'base64url').toString() }
    if (!isAlive(owner)) await rm(join(folder, name), { recursive: true, force: true })
  }
}
