import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of our package.json, whether this file runs as it stands or inside of dist/. */
export const ROOT = rootOf(dirname(fileURLToPath(import.meta.url)))

function rootOf(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : rootOf(dirname(folder))
}

const FOLDERS = [join(ROOT, 'dist'), join(tmpdir(), 'longhaul')]

/** A file made before, or null. */
export const made = (name: string): string | null =>
  FOLDERS.map((folder) => join(folder, name)).find((file) => existsSync(file)) ?? null

/** Keeps a file we made beside the code, or in the temporary folder where that cannot be written. */
export async function keep(name: string, text: string): Promise<string> {
  const [beside = '', elsewhere = ''] = FOLDERS
  try {
    return await write(beside, name, text)
  } catch {
    return write(elsewhere, name, text)
  }
}

/** Under another name first, so that two workers starting at once never read half a file. */
async function write(folder: string, name: string, text: string): Promise<string> {
  await mkdir(folder, { recursive: true })
  const part = join(folder, `${name}.${randomUUID()}`)
  await writeFile(part, text)
  await rename(part, join(folder, name))
  return join(folder, name)
}
