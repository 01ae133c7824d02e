import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../run.ts'

/** A server program that is run in place, or with its own loader and libraries. */
export interface Program {
  /** The program, or its loader followed by the loader's arguments and the program. */
  readonly command: readonly [string, ...string[]]
  /** Options that say where its own files are. */
  readonly options: readonly string[]
  readonly version: string
}

const TRIPLETS: Readonly<Record<string, string>> = {
  x64: 'x86_64-linux-gnu',
  arm64: 'aarch64-linux-gnu',
}

const LOADERS: Readonly<Record<string, string>> = {
  x64: 'ld-linux-x86-64.so.2',
  arm64: 'ld-linux-aarch64.so.1',
}

/**
 * A program unpacked under a root of its own. Its libc may be newer than the machine's, so it is
 * started by the loader that came with it.
 */
export function privateCommand(root: string, program: string): [string, ...string[]] {
  const triplet = TRIPLETS[process.arch] ?? ''
  const name = LOADERS[process.arch] ?? ''
  const folders = ['usr/lib64', 'lib64', 'usr/lib', 'lib', `usr/lib/${triplet}`, `lib/${triplet}`]
  const loader = folders.map((folder) => join(root, folder, name)).find((file) => existsSync(file))
  if (!name || !loader) throw new Error(`no loader for ${process.arch} in ${root}`)
  const libraries = [`usr/lib/${triplet}`, `lib/${triplet}`, 'usr/lib', 'lib']
  const path = libraries.map((folder) => join(root, folder)).join(':')
  return [loader, '--library-path', path, join(root, program)]
}

/** The version in `mysqld --version` or `mariadbd --version`. */
export async function versionOf(
  command: readonly [string, ...string[]],
  signal: AbortSignal,
): Promise<string> {
  const [program, ...args] = command
  const text = await run(program, [...args, '--no-defaults', '--version'], { signal })
  const version = /Ver (\d\S*)/.exec(text)?.[1]
  if (!version) throw new Error(`${program} does not tell its version: ${text.trim()}`)
  return version
}

/** Where the English messages are: the folder that has an `english` folder. */
export async function shareFolder(root: string): Promise<string> {
  for (const name of ['usr/share/mysql', 'usr/share/mariadb', 'share', 'share/mysql']) {
    const folder = join(root, name)
    const names = await readdir(folder).catch((): string[] => [])
    if (names.includes('english')) return folder
  }
  throw new Error(`no message files under ${root}`)
}

/** mysqld refuses to run as root unless told so. */
export function asRoot(): string[] {
  return process.getuid?.() === 0 ? ['--user=root'] : []
}
