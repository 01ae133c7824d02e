import { readFileSync } from 'node:fs'
import type { ClientOptions } from '../../hbase/index.ts'
import { tlsSettings, type Certificates } from '../../services/secure/certificates.ts'

/** One way to protect the connections: how the server is set up, and what its clients are given. */
export interface Mode {
  readonly name: string
  readonly settings: Readonly<Record<string, string>>
  readonly client: Partial<ClientOptions>
  /** The file with what must be refused there. */
  readonly refusals: string
}

export function modesOf(certificates: Certificates): readonly Mode[] {
  const pem = (file: string): string => readFileSync(file, 'utf8')
  const { client, ca } = certificates
  const trusting = { ca: pem(ca) }
  return [
    {
      name: 'TLS',
      settings: tlsSettings(certificates, 'NONE'),
      client: { tls: trusting },
      refusals: 'tls',
    },
    {
      name: 'mutual TLS',
      settings: tlsSettings(certificates, 'NEED'),
      client: { tls: { ...trusting, cert: pem(client.cert), key: pem(client.key) } },
      refusals: 'mutual-tls',
    },
    { name: 'plain', settings: {}, client: {}, refusals: 'plain' },
  ]
}
