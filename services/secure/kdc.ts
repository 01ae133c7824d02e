import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Log } from '../contract.ts'
import { writeWhole } from '../files.ts'
import { guard } from '../guard.ts'
import { freePort } from '../ports.ts'
import { gone, isAlive, startDetached, stopGroup } from '../process.ts'
import { run } from '../run.ts'
import { accepts, until } from '../until.ts'
import { kerberosPrograms } from './kerberos-programs.ts'

export const REALM = 'LONGHAUL.TEST'

/** A key distribution centre of its own realm, on a loopback port. */
export interface Kdc {
  /** krb5.conf: for KRB5_CONFIG and Java's java.security.krb5.conf. */
  readonly config: string
  /** Makes a principal with a random key and returns its keytab. */
  principal(name: string): Promise<string>
  /** Fetches a ticket into a credentials cache and returns that. */
  ticket(name: string, options: { readonly seconds: number }): Promise<string>
  stop(): Promise<void>
}

/** Starts a KDC whose database, keytabs and tickets are in `folder`. */
export async function startKdc(folder: string, log: Log, signal: AbortSignal): Promise<Kdc> {
  const { commands, modules } = await kerberosPrograms(log, signal)
  const at = (name: string): string => join(folder, name)
  await mkdir(folder, { recursive: true })
  const port = await freePort()
  await writeWhole(at('krb5.conf'), clientConfig(port, modules))
  await writeWhole(at('kdc.conf'), serverConfig(folder, port))
  const environment = { KRB5_CONFIG: at('krb5.conf'), KRB5_KDC_PROFILE: at('kdc.conf') }
  const tool = (name: keyof typeof commands, ...args: string[]): Promise<string> => {
    const [command, ...first] = commands[name]
    return run(command, [...first, ...args], { signal, environment, cwd: folder })
  }

  // The master password only protects the database of a test.
  await tool('kdb5_util', '-r', REALM, 'create', '-s', '-W', '-P', 'master')
  const [command, ...first] = commands.krb5kdc
  const mark = await startDetached({
    command,
    arguments: [...first, '-n', '-r', REALM],
    environment,
    cwd: folder,
    logFile: at('kdc.log'),
  })
  guard(mark)
  const watched = { alive: () => isAlive(mark), printed: () => Promise.resolve(''), signal }
  await until({ what: 'the KDC answers', withinMs: 20_000, watched }, () =>
    accepts('127.0.0.1', port),
  )
  log(`kdc: realm ${REALM} at 127.0.0.1:${port}`)

  const keytabOf = (name: string): string => at(`${name.replaceAll('/', '-')}.keytab`)
  return {
    config: at('krb5.conf'),
    async principal(name) {
      await tool('kadmin.local', '-r', REALM, '-q', `addprinc -randkey ${name}`)
      await tool('kadmin.local', '-r', REALM, '-q', `ktadd -k ${keytabOf(name)} ${name}`)
      return keytabOf(name)
    },
    async ticket(name, { seconds }) {
      const cache = at(`${name.replaceAll('/', '-')}-${seconds}.ccache`)
      await tool('kinit', '-k', '-t', keytabOf(name), '-c', cache, '-l', `${seconds}s`, name)
      return cache
    },
    async stop() {
      await stopGroup(mark, 2000)
      await gone(mark, 2000)
    },
  }
}

/** No look at DNS, and TCP alone; so that it is the same on every machine. */
const clientConfig = (port: number, modules: string | undefined): string => `[libdefaults]
  default_realm = ${REALM}
  dns_lookup_kdc = false
  dns_lookup_realm = false
  dns_canonicalize_hostname = false
  rdns = false
  udp_preference_limit = 1
  ticket_lifetime = 1h
[realms]
  ${REALM} = {
    kdc = 127.0.0.1:${port}
  }
[domain_realm]
  localhost = ${REALM}
${modules === undefined ? '' : `[dbmodules]\n  db_module_dir = ${modules}\n`}`

const serverConfig = (folder: string, port: number): string => `[kdcdefaults]
  kdc_listen = 127.0.0.1:${port}
  kdc_tcp_listen = 127.0.0.1:${port}
[realms]
  ${REALM} = {
    database_name = ${folder}/principal
    key_stash_file = ${folder}/stash
    acl_file = ${folder}/acl
    max_life = 2h
    supported_enctypes = aes256-cts-hmac-sha1-96:normal
  }
[logging]
  kdc = FILE:${folder}/kdc.log
`
