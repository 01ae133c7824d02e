import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { HBaseError } from '../errors.ts'
import { connectTls, parseTls, takesTlsOnly, tlsRefusal } from './tls.ts'
import type { Place, Tls } from './tls.ts'
import type { ClientOptions } from '../types.ts'

export type { Place } from './tls.ts'

/** How all connections of one client are protected. */
export interface Security {
  readonly tls: Tls | undefined
}

/** A byte stream to a server, ready for a connection header once it is open. */
export interface Transport {
  readonly stream: Socket
  /** The event of the stream that tells so; what is written before waits. */
  readonly opened: 'connect' | 'secureConnect'
}

/** "HBas", version 0, authentication 80 = SIMPLE (AuthMethod); it has no reply to wait for. */
const SIMPLE = Buffer.from('HBas\x00\x50', 'latin1')
const KEEP_ALIVE_MS = 15_000

/** Throws CONFIGURATION. */
export const parseSecurity = ({ tls }: ClientOptions): Security => ({
  tls: tls === undefined ? undefined : parseTls(tls),
})

export const PLAIN: Security = { tls: undefined }

export function openTransport(place: Place, { tls }: Security): Transport {
  const stream = tls === undefined ? connect(place.port, place.host) : connectTls(place, tls)
  stream.setNoDelay(true)
  stream.setKeepAlive(true, KEEP_ALIVE_MS)
  stream.write(SIMPLE)
  return { stream, opened: tls === undefined ? 'connect' : 'secureConnect' }
}

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
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? 'ECONNRESET'
  if (!['ECONNRESET', 'EPIPE'].includes(code) || !(await takesTlsOnly(place))) return undefined
  const detail = `${place.server} takes encrypted connections only: give the option tls`
  return new HBaseError('TLS_REFUSED', { detail })
}
