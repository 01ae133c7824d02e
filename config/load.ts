import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { SyncError } from '../model/errors.ts'
import type { Vault } from './references.ts'

/** The text of a file of ours; throws CONFIG_INVALID when it cannot be read. */
export async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new SyncError('CONFIG_INVALID', `${file} ${whyNot(error)}`, { cause: error })
  }
}

/** References are filled from this process's environment, and from files named absolutely or next to `file`. */
export const vaultOf = (file: string): Vault => ({
  env(name) {
    const value = process.env[name]
    if (value === undefined)
      throw new Error(`needs the environment variable ${name}, which is not set`)
    return value
  },
  file(path) {
    try {
      // editors and `echo` end a file with a line break that is not part of the secret
      return readFileSync(resolve(dirname(file), path), 'utf8').replace(/\r?\n$/, '')
    } catch (error) {
      throw new Error(`needs the file ${path}, which ${whyNot(error)}`, { cause: error })
    }
  },
})

function whyNot(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'ENOENT') return 'does not exist'
  if (code === 'EACCES') return 'may not be read by this user'
  return code === 'EISDIR' ? 'is a folder' : `cannot be read (${code ?? 'unknown reason'})`
}
