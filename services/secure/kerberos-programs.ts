import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { cached, intoCache } from '../cache.ts'
import type { Log } from '../contract.ts'
import { unpackDebian } from '../debian.ts'
import { privateCommand } from '../mysql/program.ts'
import { firstOf } from '../places.ts'
import { onPath } from '../run.ts'

const KEY = `kerberos-debian-${process.arch}`
const NAMES = ['krb5kdc', 'kdb5_util', 'kadmin.local', 'kinit'] as const

type Command = readonly [string, ...string[]]

/** MIT's key distribution centre and its tools. */
export interface KerberosPrograms {
  readonly commands: Readonly<Record<(typeof NAMES)[number], Command>>
  /** Where its database driver is, when that is not where the programs look by themselves. */
  readonly modules: string | undefined
}

/** Those on PATH, else those of Debian's packages, unpacked into the cache; nothing is installed. */
export function kerberosPrograms(log: Log, signal: AbortSignal): Promise<KerberosPrograms> {
  return firstOf<KerberosPrograms>({
    what: 'A Kerberos KDC',
    places: [
      { origin: 'PATH', look: () => Promise.resolve(installed()) },
      {
        origin: 'cache',
        look: () => {
          const root = cached(KEY)
          return Promise.resolve(root === undefined ? undefined : unpacked(root))
        },
      },
      { origin: 'Debian packages', look: () => fetchDebian(log, signal) },
    ],
    advice: 'Install it, for example with "apt install krb5-kdc krb5-admin-server krb5-user".',
    log,
    signal,
  })
}

function installed(): KerberosPrograms | undefined {
  const files = NAMES.map((name) => onPath(name, ['/usr/sbin', '/usr/lib/mit/sbin']))
  const commands = Object.fromEntries(NAMES.map((name, i) => [name, [files[i] ?? '']]))
  return files.every((file) => file !== undefined)
    ? { commands: commands as unknown as KerberosPrograms['commands'], modules: undefined }
    : undefined
}

async function fetchDebian(log: Log, signal: AbortSignal): Promise<KerberosPrograms> {
  const root = await intoCache(KEY, { log, signal }, async (staging) => {
    log('Kerberos: fetching its Debian packages, about 25 MB; nothing is installed')
    const packages = ['krb5-kdc', 'krb5-admin-server', 'krb5-user']
    await unpackDebian({ suite: undefined, packages, root: staging, signal })
    unpacked(staging)
  })
  return unpacked(root)
}

function unpacked(root: string): KerberosPrograms {
  const find = (name: string): Command => {
    const folder = ['usr/sbin', 'usr/bin'].find((one) => existsSync(join(root, one, name)))
    if (folder === undefined) throw new Error(`no ${name} in ${root}`)
    return privateCommand(root, join(folder, name))
  }
  const commands = Object.fromEntries(NAMES.map((name) => [name, find(name)]))
  // Its own libraries are next to the loader's; the driver is found by the configuration alone.
  const [, , path = ''] = find('krb5kdc')
  const libraries = path.split(':').find((folder) => existsSync(join(folder, 'krb5/plugins/kdb')))
  if (libraries === undefined) throw new Error(`no database driver in ${dirname(root)}`)
  return {
    commands: commands as unknown as KerberosPrograms['commands'],
    modules: join(libraries, 'krb5/plugins/kdb'),
  }
}
