import { X509Certificate } from 'node:crypto'
import { connect, isIP } from 'node:net'
import type { ConnectOpts, Socket } from 'node:net'
import { checkServerIdentity, connect as connectSecure, createSecureContext } from 'node:tls'
import type { SecureContext, TLSSocket } from 'node:tls'
import { HBaseError } from '../errors.ts'
import type { TlsOptions } from '../types.ts'

/** Options that have been checked: certificates and key are read once, not at every connection. */
export interface Tls {
  readonly context: SecureContext
  readonly serverName: string | undefined
  readonly verifyHostname: boolean
}

/** Where to connect, and what the cluster publishes for it. */
export interface Place {
  readonly host: string
  readonly port: number
  /** The published host name alone. */
  readonly name: string
  /** host:port as published, for messages. */
  readonly server: string
}

/** Throws CONFIGURATION for what is no PEM, or a certificate and a key that do not fit. */
export function parseTls({ ca, cert, key, serverName, verifyHostname = true }: TlsOptions): Tls {
  if ((cert === undefined) !== (key === undefined)) throw unusable('cert and key belong together')
  // Given something else, OpenSSL would silently trust nobody.
  if (ca !== undefined) attempt('ca', () => new X509Certificate(Buffer.from(ca)))
  const context = attempt('cert or key', () =>
    createSecureContext({
      minVersion: 'TLSv1.2',
      ca: asPem(ca),
      cert: asPem(cert),
      key: asPem(key),
    }),
  )
  return { context, serverName, verifyHostname }
}

const asPem = (pem: string | Uint8Array | undefined): Buffer | undefined =>
  pem === undefined ? undefined : Buffer.from(pem)

function attempt<T>(option: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw unusable(
      `${option} cannot be used (${(cause as NodeJS.ErrnoException).code ?? 'not PEM'})`,
      cause,
    )
  }
}

const unusable = (what: string, cause?: unknown): HBaseError =>
  new HBaseError('CONFIGURATION', { detail: `tls: ${what}`, cause })

/** How a socket takes what arrives. */
type Reading = Pick<ConnectOpts, 'onread'>

/**
 * A connection that speaks TLS from its first byte, as HBase expects it (NettyRpcServer with
 * hbase.server.netty.tls.enabled, 2.6 and later). The server's certificate must be made out to the
 * name the cluster publishes, wherever `hosts` leads to.
 */
export function connectTls(place: Place, tls: Tls, reading: Reading): TLSSocket {
  const name = tls.serverName ?? place.name
  return connectSecure({
    host: place.host,
    port: place.port,
    ...reading,
    secureContext: tls.context,
    // An address is not allowed in the greeting (RFC 6066); it is compared all the same.
    ...(isIP(name) === 0 ? { servername: name } : {}),
    checkServerIdentity: (_, certificate) =>
      tls.verifyHostname ? checkServerIdentity(name, certificate) : undefined,
  })
}

/**
 * TLS_REFUSED when TLS itself says no, which no retry would change; undefined for a connection that
 * merely broke.
 */
export function tlsRefusal(error: Error, { server }: Place): HBaseError | undefined {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  const known = REFUSALS.find(({ sign }) => sign.test(code) || sign.test(error.message))
  if (known === undefined && !/^(ERR_SSL|ERR_TLS|EPROTO)|CERT|CRL/.test(code)) return undefined
  const detail = `${server} ${known?.says ?? 'and this client cannot agree'} (${code})`
  return new HBaseError('TLS_REFUSED', { detail, cause: error })
}

/** Codes of Node for what it finds in a certificate, and of OpenSSL for what the server answers. */
const REFUSALS: readonly { readonly sign: RegExp; readonly says: string }[] = [
  {
    sign: /SELF_SIGNED|UNABLE_TO_(GET_ISSUER|VERIFY_LEAF)/,
    says: 'has a certificate that no authority in tls.ca has signed: give the authority of the cluster',
  },
  {
    sign: /ALTNAME_INVALID/,
    says: 'has a certificate for other names: set tls.serverName to one of them, or connect by it',
  },
  { sign: /CERT_(HAS_EXPIRED|NOT_YET_VALID)/, says: 'has a certificate that is not valid today' },
  {
    sign: /wrong version number|WRONG_VERSION_NUMBER|packet length too long|PACKET_LENGTH/i,
    says: 'does not speak TLS: leave tls out, or set hbase.server.netty.tls.enabled there',
  },
  {
    sign: /alert (bad certificate|certificate required|unknown ca|certificate unknown|handshake failure)|ALERT_(BAD_CERTIFICATE|CERTIFICATE|UNKNOWN_CA|HANDSHAKE)|CERTIFICATE_REQUIRED/i,
    says: 'wants a certificate of this client that it trusts: give tls.cert and tls.key',
  },
]

const PROBE_MS = 2000
/** A server that takes plain connections answers this with an error (ServerRpcConnection). */
const NO_SUCH_AUTHENTICATION = Buffer.from('HBas\x00\x00', 'latin1')

/**
 * Whether a server takes TLS and nothing else. It then closes a plain connection without a word, just
 * like one that is going down, so it is asked in both languages. False when it cannot be reached.
 */
export async function takesTlsOnly({ host, port }: Place): Promise<boolean> {
  const plain = connect(port, host)
  plain.write(NO_SUCH_AUTHENTICATION)
  if ((await firstOf(plain, 'data')) !== 'close') return false
  const greeting = { host, port, rejectUnauthorized: false }
  const answer = await firstOf(connectSecure(greeting), 'secureConnect')
  // A refusal in the words of TLS (it wants a certificate of ours) is an answer too.
  return answer === 'secureConnect' || /ALERT/.test(answer)
}

/** Which comes first: the event, an error (its code) or the end. */
function firstOf(socket: Socket, event: 'data' | 'secureConnect'): Promise<string> {
  return new Promise((resolve) => {
    const settle = (what: string) => () => {
      resolve(what)
      socket.destroy()
    }
    // Whoever has closed the client need not wait for the end of this.
    socket.unref()
    socket.setTimeout(PROBE_MS, settle('silence'))
    socket.once(event, settle(event))
    socket.once('close', settle('close'))
    socket.once('error', ({ code }: NodeJS.ErrnoException) => {
      resolve(code === 'ECONNRESET' ? 'close' : (code ?? 'error'))
    })
  })
}
