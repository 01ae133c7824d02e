import { HBaseError } from '../errors.ts'
import type { KerberosOptions } from '../types.ts'
import { GssFailure } from './gssapi.ts'
import { SaslRefusal } from './sasl.ts'
import type { Protection } from './sasl.ts'
import type { Place } from './tls.ts'

/** Options that have been checked. */
export interface Kerberos {
  readonly servicePrincipal: string
  readonly protection: Protection
  readonly allowSimple: boolean
}

const PROTECTIONS: readonly Protection[] = ['authentication', 'integrity', 'privacy']

/** Throws CONFIGURATION. */
export function parseKerberos(options: KerberosOptions): Kerberos {
  const { servicePrincipal, protection = 'authentication', allowSimple = false } = options
  if (!/^[^/@\s]+\/[^/@\s]+(@[^/@\s]+)?$/.test(servicePrincipal)) {
    const detail = 'kerberos: servicePrincipal must be like hbase/_HOST@EXAMPLE.COM'
    throw new HBaseError('CONFIGURATION', { detail })
  }
  if (!PROTECTIONS.includes(protection)) {
    const detail = 'kerberos: protection must be authentication, integrity or privacy'
    throw new HBaseError('CONFIGURATION', { detail })
  }
  return { servicePrincipal, protection, allowSimple }
}

export const ASKS_FOR_SIMPLE =
  'it asks for SIMPLE, without authentication: leave kerberos out, or set kerberos.allowSimple'

/** Words of GSSAPI for what passes by itself: the connection is tried again. */
const PASSING = /Cannot (contact any KDC|resolve network address)/i

const ADVICE: readonly { readonly sign: RegExp; readonly says: string }[] = [
  {
    sign: /Matching credential|No credentials|cache file/i,
    says: 'there is no ticket: run kinit, or name a keytab in KRB5_CLIENT_KTNAME',
  },
  { sign: /expired/i, says: 'the ticket has expired: renew it, as k5start and sssd do' },
  { sign: /skew/i, says: 'the clocks of this machine, the KDC and the server must agree' },
  {
    sign: /GSS initiate failed/,
    says: 'its log tells why; mostly the principal is not its own, or the clocks are apart',
  },
  {
    sign: /Server not found/i,
    says: 'the KDC does not know this principal: see kerberos.servicePrincipal',
  },
]

/** AUTHENTICATION_FAILED with the server, its principal and what to do; other errors as they are. */
export function explained(error: unknown, { server }: Place, principal: string): Error {
  const refused = error instanceof SaslRefusal || error instanceof GssFailure
  if (!refused || PASSING.test(error.message)) return error as Error
  const advice = ADVICE.find(({ sign }) => sign.test(error.message))
  const why = advice === undefined ? error.message : `${advice.says} (${error.message})`
  return new HBaseError('AUTHENTICATION_FAILED', {
    detail: `${server} as ${principal}: ${why}`,
    remoteClass: error instanceof SaslRefusal ? error.remoteClass : undefined,
    cause: error,
  })
}
