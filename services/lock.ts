import { randomBytes } from 'node:crypto'
import { link, mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from './contract.ts'
import { readJson } from './files.ts'
import { birth, isAlive } from './process.ts'
import type { ProcessMark } from './process.ts'

/**
 * Runs `work` while no other process does so under the same file. The lock of a dead process does
 * not count. Should two ever get in at once, the renames behind the lock still keep the data whole:
 * it saves work, it does not guard truth.
 */
export async function withLock<T>(
  file: string,
  tools: { readonly log: Log; readonly signal: AbortSignal },
  work: () => Promise<T>,
): Promise<T> {
  await acquire(file, tools)
  try {
    return await work()
  } finally {
    await rm(file, { force: true })
  }
}

async function acquire(
  file: string,
  tools: { readonly log: Log; readonly signal: AbortSignal },
): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  const mine = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
  await writeFile(mine, JSON.stringify({ pid: process.pid, born: birth(process.pid) }))
  let told = false
  try {
    while (!(await linked(mine, file))) {
      tools.signal.throwIfAborted()
      const owner = await readJson<ProcessMark>(file)
      if (owner && !isAlive(owner)) {
        await rm(file, { force: true })
        continue
      }
      if (owner && !told) tools.log(`waiting for process ${owner.pid}, which holds ${file}`)
      told = true
      await sleep(100)
    }
  } finally {
    await rm(mine, { force: true })
  }
}

// A hard link appears with its content: nobody ever reads an empty lock.
async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}
