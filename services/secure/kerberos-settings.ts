import type { HBaseExtras } from '../contract.ts'
import { REALM } from './kdc.ts'

export const SERVICE = 'hbase/localhost'

/** What makes HBase ask for Kerberos and protect the connections; one keytab for all its parts. */
export function kerberosExtras(
  protection: 'authentication' | 'integrity' | 'privacy',
  files: { readonly config: string; readonly keytab: string },
): HBaseExtras {
  const login = Object.fromEntries(
    ['master', 'regionserver'].flatMap((part) => [
      [`hbase.${part}.kerberos.principal`, `hbase/_HOST@${REALM}`],
      [`hbase.${part}.keytab.file`, files.keytab],
      // Principals are made out to names.
      [`hbase.${part}.hostname`, 'localhost'],
    ]),
  ) as Record<string, string>
  return {
    settings: {
      ...login,
      'hbase.security.authentication': 'kerberos',
      'hadoop.security.authentication': 'kerberos',
      'hbase.rpc.protection': protection,
    },
    java: [`-Djava.security.krb5.conf=${files.config}`],
  }
}
