import { connect } from 'node:net'
import type { OnReadOpts } from 'node:net'
import type { Duplex } from 'node:stream'
import { HBaseError } from '../errors.ts'
import { parseKerberos } from './kerberos-options.ts'
import type { Kerberos } from './kerberos-options.ts'
import { KerberosStream } from './kerberos.ts'
import { connectTls, parseTls, takesTlsOnly, tlsRefusal } from './tls.ts'
import type { Place, Tls } from './tls.ts'
import type { ClientOptions } from '../types.ts'

export type { Place } from './tls.ts'

/** How all connections of one client are protected. */
export interface Security {
  readonly tls: Tls | undefined
  readonly kerberos: Kerberos | undefined
}

/** A byte stream to a server, ready for a connection header once it is open. */
export interface Transport {
  readonly stream: Duplex
  /** The event of the stream that tells so; what is written before waits. */
  readonly opened: 'connect' | 'secureConnect' | 'ready'
}

/** "HBas", version 0, authentication 80 = SIMPLE (AuthMethod); it has no reply to wait for. */
const SIMPLE = Buffer.from('HBas\x00\x50', 'latin1')
const KEEP_ALIVE_MS = 15_000

export const PLAIN: Security = { tls: undefined, kerberos: undefined }

/** Throws CONFIGURATION. */
export const parseSecurity = ({ tls, kerberos }: ClientOptions): Security => ({
  tls: tls === undefined ? undefined : parseTls(tls),
  kerberos: kerberos === undefined ? undefined : parseKerberos(kerberos),
})

/** What Node reads at once, too. */
const READ_BYTES = 1 << 16

/** `onBytes` is given what arrives; the memory is used again afterwards. */
export function openTransport(
  place: Place,
  { tls, kerberos }: Security,
  onBytes: (bytes: Buffer) => void,
): Transport {
  const onread = kerberos === undefined ? { onread: sameMemory(onBytes) } : {}
  const socket =
    tls === undefined
      ? connect({ host: place.host, port: place.port, ...onread })
      : connectTls(place, tls, onread)
  const opened = tls === undefined ? 'connect' : 'secureConnect'
  socket.setNoDelay(true)
  socket.setKeepAlive(true, KEEP_ALIVE_MS)
  if (kerberos !== undefined) {
    const stream = new KerberosStream(socket, opened, place, kerberos)
    stream.on('data', onBytes)
    return { stream, opened: 'ready' }
  }
  socket.write(SIMPLE)
  return { stream: socket, opened }
}

/** Fresh memory for every read makes V8 collect the whole heap every few megabytes. */
const sameMemory = (onBytes: (bytes: Buffer) => void): OnReadOpts => ({
  buffer: Buffer.allocUnsafeSlow(READ_BYTES),
  callback: (length, bytes) => {
    onBytes(Buffer.from(bytes.buffer, 0, length))
    return true
  },
})

/**
 * What a connection that ended before its first byte says about the options: an error when they can
 * never work with this server, undefined when it merely broke.
 */
export async function refusalOf(
  error: Error | undefined,
  place: Place,
  { tls }: Security,
): Promise<HBaseError | undefined> {
  if (error instanceof HBaseError) return error
  if (tls !== undefined) return error && tlsRefusal(error, place)
  const cut =
    error === undefined || /ECONNRESET|EPIPE/.test((error as NodeJS.ErrnoException).code ?? '')
  if (!cut || !(await takesTlsOnly(place))) return undefined
  const detail = `${place.server} takes encrypted connections only: give the option tls`
  return new HBaseError('TLS_REFUSED', { detail })
}
