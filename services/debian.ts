import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readText } from './files.ts'
import { onPath, run } from './run.ts'

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'

export interface Closure {
  /** A Debian suite; undefined means the machine's own. */
  readonly suite: string | undefined
  readonly packages: readonly string[]
  /** Where the files go, as under a root of their own. */
  readonly root: string
  readonly signal: AbortSignal
}

/**
 * Unpacks packages and all they need, down to libc, into a folder. Installs nothing and needs no
 * root. apt checks the archive's signature and every package's checksum.
 */
export async function unpackDebian(closure: Closure): Promise<void> {
  for (const program of ['apt-get', 'dpkg-deb']) {
    if (!onPath(program)) throw new Error(`${program} is not installed`)
  }
  const { uri, codename } = await debianArchive()
  const work = join(closure.root, 'apt')
  await mkdir(join(work, 'lists/partial'), { recursive: true })
  await mkdir(join(work, 'cache/archives/partial'), { recursive: true })
  // An empty list of installed packages makes apt resolve everything, libc included.
  await writeFile(join(work, 'status'), '')
  const signed = existsSync(KEYRING) ? `[signed-by=${KEYRING}] ` : ''
  await writeFile(
    join(work, 'sources.list'),
    `deb ${signed}${uri} ${closure.suite ?? codename} main\n`,
  )
  const apt = (...args: string[]): Promise<string> =>
    run('apt-get', [...aptOptions(work), ...args], {
      signal: closure.signal,
      timeoutMs: 600_000,
      environment: { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
    })
  await apt('update', '--error-on=any')
  await apt('-y', '--download-only', 'install', ...closure.packages)
  const archives = join(work, 'cache/archives')
  for (const name of await readdir(archives)) {
    if (!name.endsWith('.deb')) continue
    await run('dpkg-deb', ['-x', join(archives, name), closure.root], { signal: closure.signal })
  }
  await rm(work, { recursive: true })
}

function aptOptions(work: string): string[] {
  const options = {
    'Dir::State': work,
    'Dir::State::Lists': `${work}/lists`,
    'Dir::State::status': `${work}/status`,
    'Dir::Cache': `${work}/cache`,
    'Dir::Etc::SourceList': `${work}/sources.list`,
    'Dir::Etc::SourceParts': '/dev/null',
    'APT::Install-Recommends': '0',
    'APT::Update::Post-Invoke-Success::': '',
    'Acquire::http::Timeout': '8',
    'Acquire::https::Timeout': '8',
    'Acquire::Retries': '1',
    'Acquire::Languages': 'none',
    'Debug::NoLocking': '1',
    // As root apt hands downloads to the user _apt, who may not write here.
    ...(process.getuid?.() === 0 ? { 'APT::Sandbox::User': 'root' } : {}),
  }
  return ['-qq', ...Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`])]
}

/** The archive this machine itself uses. */
async function debianArchive(): Promise<{ readonly uri: string; readonly codename: string }> {
  const release = (await readText('/etc/os-release')) ?? ''
  const codename = /^VERSION_CODENAME="?([a-z]+)"?$/m.exec(release)?.[1]
  if (!/^ID=debian$/m.test(release) || !codename)
    throw new Error('this machine does not run Debian')
  for (const file of await sourceFiles()) {
    const text = (await readText(file)) ?? ''
    const uri = file.endsWith('.sources') ? fromStanzas(text, codename) : fromLines(text, codename)
    if (uri) return { uri, codename }
  }
  throw new Error(`no file under /etc/apt names a Debian archive for ${codename}`)
}

async function sourceFiles(): Promise<string[]> {
  const folder = '/etc/apt/sources.list.d'
  const names = await readdir(folder).catch((): string[] => [])
  const wanted = names.filter((name) => /\.(sources|list)$/.test(name)).sort()
  return ['/etc/apt/sources.list', ...wanted.map((name) => join(folder, name))]
}

export function fromStanzas(text: string, codename: string): string | undefined {
  for (const stanza of text.split(/\n\s*\n/)) {
    const field = (name: string): string[] =>
      new RegExp(`^${name}:[ \\t]*(.*)$`, 'mi').exec(stanza)?.[1]?.trim().split(/\s+/) ?? []
    if (field('Suites').includes(codename) && field('Components').includes('main')) {
      return field('URIs')[0]
    }
  }
  return undefined
}

export function fromLines(text: string, codename: string): string | undefined {
  const line = new RegExp(
    `^deb\\s+(?:\\[[^\\]]*\\]\\s+)?(\\S+)\\s+${codename}\\s+(?:.*\\s)?main\\b`,
    'm',
  )
  return line.exec(text)?.[1]
}
