import { readFileSync } from 'node:fs'
import type { ClientOptions } from '../../hbase/index.ts'
import { tlsSettings } from '../../services/secure/certificates.ts'
import { kerberosExtras } from '../../services/secure/kerberos-settings.ts'
import type { HBaseExtras } from '../../services/index.ts'
import { SERVICE_PRINCIPAL } from './ground.ts'
import type { Ground } from './ground.ts'

/** One way to protect the connections: how the server is set up, and what its clients are given. */
export interface Mode {
  readonly name: string
  readonly server: HBaseExtras
  readonly client: Partial<ClientOptions>
  /** The file with what must be refused there. */
  readonly refusals: string
}

export function modesOf({ certificates, kerberos }: Ground): readonly Mode[] {
  const pem = (file: string): string => readFileSync(file, 'utf8')
  const { client, ca } = certificates
  const trusting = { ca: pem(ca) }
  const files = { config: kerberos.config, keytab: kerberos.keytabs.server }
  return [
    {
      name: 'TLS',
      server: { settings: tlsSettings(certificates, 'NONE') },
      client: { tls: trusting },
      refusals: 'tls',
    },
    {
      name: 'mutual TLS',
      server: { settings: tlsSettings(certificates, 'NEED') },
      client: { tls: { ...trusting, cert: pem(client.cert), key: pem(client.key) } },
      refusals: 'mutual-tls',
    },
    ...(['authentication', 'integrity', 'privacy'] as const).map((protection) => ({
      name: `Kerberos ${protection}`,
      server: kerberosExtras(protection, files),
      client: { kerberos: { servicePrincipal: SERVICE_PRINCIPAL, protection } },
      refusals: protection === 'authentication' ? 'kerberos' : 'sealed',
    })),
    { name: 'plain', server: {}, client: {}, refusals: 'plain' },
  ]
}
