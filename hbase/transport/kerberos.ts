import { Duplex } from 'node:stream'
import type { Socket } from 'node:net'
import { FrameReader } from '../frames.ts'
import { GssContext, GssFlag, loadGssapi } from './gssapi.ts'
import { ASKS_FOR_SIMPLE, explained } from './kerberos-options.ts'
import type { Kerberos } from './kerberos-options.ts'
import { SWITCH_TO_SIMPLE, SaslReader, SaslRefusal, authenticate } from './sasl.ts'
import type { Protection } from './sasl.ts'
import type { Place } from './tls.ts'

const AUTHENTICATION = GssFlag.mutual | GssFlag.integrity
/** What RFC 4752 3.1 tells to ask for. */
const FLAGS: Readonly<Record<Protection, number>> = {
  authentication: AUTHENTICATION,
  integrity: AUTHENTICATION | GssFlag.sequence,
  privacy: AUTHENTICATION | GssFlag.sequence | GssFlag.confidential,
}

/** "HBas", version 0, authentication 81 = KERBEROS (AuthMethod). */
const PREAMBLE = Buffer.from('HBas\x00\x51', 'latin1')
const NOTHING = Buffer.alloc(0)

/**
 * The stream of a connection on which both sides prove who they are before anything else, and which
 * then is sealed as `protection` says: each message as int32 length and GSSAPI token, whatever its
 * size (SaslWrapHandler, SaslUnwrapHandler). Emits `ready`; what is written before waits.
 */
export class KerberosStream extends Duplex {
  readonly #socket: Socket
  readonly #place: Place
  readonly #kerberos: Kerberos
  readonly #replies = new SaslReader()
  readonly #sealed = new FrameReader((token) => {
    this.#unwrap(token)
  })
  #context: GssContext | undefined
  #state: 'negotiating' | 'open' | 'sealed' = 'negotiating'
  /** Called when there may be another answer, or none will come. */
  #arrived = () => {}
  #waiting: (() => void) | undefined

  constructor(socket: Socket, opened: string, place: Place, kerberos: Kerberos) {
    super({ allowHalfOpen: false })
    this.#socket = socket
    this.#place = place
    this.#kerberos = kerberos
    socket.once(opened, () => void this.#negotiate())
    socket.on('data', (chunk: Buffer) => {
      this.#received(chunk)
    })
    socket.on('error', (error) => {
      this.destroy(error)
    })
    socket.on('close', () => {
      this.destroy()
    })
  }

  override _read(): void {
    this.#socket.resume()
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error) => void): void {
    if (this.#state === 'negotiating') {
      this.#waiting = () => {
        this._write(chunk, _, done)
      }
      return
    }
    let goesOn: boolean
    if (this.#state === 'open' || this.#context === undefined) goesOn = this.#socket.write(chunk)
    else goesOn = this.#send(this.#context.wrap(chunk, this.#kerberos.protection === 'privacy'))
    if (goesOn) done()
    else this.#socket.once('drain', done)
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy()
    this.#context?.dispose()
    this.#arrived()
    done(error)
  }

  async #negotiate(): Promise<void> {
    const { servicePrincipal, protection, allowSimple } = this.#kerberos
    const principal = servicePrincipal.replace('_HOST', this.#place.name.toLowerCase())
    try {
      const library = await loadGssapi()
      if (this.#over()) return
      this.#context = new GssContext(library, principal, FLAGS[protection])
      this.#socket.write(PREAMBLE)
      const channel = {
        send: (token: Buffer) => void this.#send(token),
        receive: () => this.#receive(),
      }
      const outcome = await authenticate(channel, this.#context, protection)
      if (this.#over()) return
      if (outcome === SWITCH_TO_SIMPLE && !allowSimple) throw new SaslRefusal(ASKS_FOR_SIMPLE)
      this.#open(outcome !== SWITCH_TO_SIMPLE && protection !== 'authentication')
    } catch (error) {
      this.destroy(explained(error, this.#place, principal))
    }
  }

  /** Whether the stream has ended while something was awaited. */
  #over(): boolean {
    return this.destroyed
  }

  #open(sealed: boolean): void {
    this.#state = sealed ? 'sealed' : 'open'
    this.emit('ready')
    this.#waiting?.()
    this.#waiting = undefined
    if (this.#replies.rest.length > 0) this.#received(this.#replies.rest)
  }

  #send(token: Buffer): boolean {
    const length = Buffer.allocUnsafe(4)
    length.writeInt32BE(token.length)
    this.#socket.cork()
    this.#socket.write(length)
    const goesOn = this.#socket.write(token)
    this.#socket.uncork()
    return goesOn
  }

  async #receive(): Promise<Buffer | typeof SWITCH_TO_SIMPLE> {
    for (;;) {
      if (this.#over()) throw new Error('closed during authentication')
      const reply = this.#replies.next()
      if (reply !== undefined) return reply
      await new Promise<void>((resolve) => {
        this.#arrived = resolve
      })
    }
  }

  #received(chunk: Buffer): void {
    if (this.#state === 'sealed') this.#unseal(chunk)
    else if (this.#state === 'open') this.#pass(chunk)
    else {
      this.#replies.push(chunk)
      this.#arrived()
    }
  }

  #unseal(chunk: Buffer): void {
    try {
      this.#sealed.push(chunk)
    } catch (error) {
      this.destroy(error as Error)
    }
  }

  #unwrap(token: Buffer): void {
    const opened = this.#context?.unwrap(token)
    if (this.#kerberos.protection === 'privacy' && opened?.confidential !== true) {
      throw new SaslRefusal('a message came without encryption')
    }
    this.#pass(opened?.message ?? NOTHING)
  }

  #pass(bytes: Buffer): void {
    if (!this.push(bytes)) this.#socket.pause()
  }
}
