// SASL as HBase frames it (SaslChallengeDecoder, NettyHBaseSaslRpcClientHandler), with the mechanism
// GSSAPI of RFC 4752:
//   client  "HBas" 00 51 | int32 length, token | ...
//   server  int32 0, int32 length, token       | ... | int32 error, string class, string message
import type { GssContext } from './gssapi.ts'

export type Protection = 'authentication' | 'integrity' | 'privacy'

/** The server answered that it wants no authentication (SaslUtil.SWITCH_TO_SIMPLE_AUTH). */
export const SWITCH_TO_SIMPLE = Symbol('SIMPLE')

/** One side does not want what the other does; no retry would change it. */
export class SaslRefusal extends Error {
  override readonly name = 'SaslRefusal'
  /** The Java class the server has answered with. */
  readonly remoteClass: string | undefined

  constructor(message: string, remoteClass?: string) {
    super(message)
    this.remoteClass = remoteClass
  }
}

/** Bits of RFC 4752 3.3, by the words of hbase.rpc.protection. */
const LAYERS: Readonly<Record<Protection, number>> = { authentication: 1, integrity: 2, privacy: 4 }
/** The largest sealed message we say we take; HBase keeps to no limit, nor do we. */
const LARGEST = 0xffffff
const EMPTY = Buffer.alloc(0)

/** Talks SASL with one server. */
export interface SaslChannel {
  send(token: Buffer): void
  receive(): Promise<Buffer | typeof SWITCH_TO_SIMPLE>
}

/** Proves to both sides who the other is. Throws GssFailure or SaslRefusal. */
export async function authenticate(
  channel: SaslChannel,
  context: GssContext,
  protection: Protection,
): Promise<'authenticated' | typeof SWITCH_TO_SIMPLE> {
  let { token, complete } = await context.step(EMPTY)
  channel.send(token)
  while (!complete) {
    const challenge = await channel.receive()
    if (challenge === SWITCH_TO_SIMPLE) return SWITCH_TO_SIMPLE
    ;({ token, complete } = await context.step(challenge))
    // Sent even when it is empty: the server waits for it before it makes its offer.
    channel.send(token)
  }
  const offer = await channel.receive()
  if (offer === SWITCH_TO_SIMPLE) return SWITCH_TO_SIMPLE
  channel.send(context.wrap(answer(context.unwrap(offer).message, protection), false))
  return 'authenticated'
}

/** Offer and answer: a byte of layers, and the largest sealed message in three. */
function answer(offer: Buffer, protection: Protection): Buffer {
  const [layers = 0] = offer
  const layer = LAYERS[protection]
  if ((layers & layer) === 0) {
    const offered = Object.entries(LAYERS).flatMap(([name, bit]) => (layers & bit ? [name] : []))
    throw new SaslRefusal(
      `it does not do ${protection}: set kerberos.protection to its hbase.rpc.protection (${offered.join(', ')})`,
    )
  }
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(protection === 'authentication' ? 0 : LARGEST)
  bytes[0] = layer
  return bytes
}

/** Larger than any ticket; a larger length means that this is not SASL (SaslChallengeDecoder). */
const MAX_TOKEN = 1 << 20

/** Cuts the server's side of the conversation into its answers. */
export class SaslReader {
  #bytes: Buffer = EMPTY

  /** What is left once the conversation is over. */
  get rest(): Buffer {
    return this.#bytes
  }

  push(chunk: Buffer): void {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk])
  }

  /** The next answer; undefined when it has not arrived whole. Throws SaslRefusal. */
  next(): Buffer | typeof SWITCH_TO_SIMPLE | undefined {
    if (this.#bytes.length < 8) return undefined
    const status = this.#bytes.readInt32BE(0)
    if (status !== 0) {
      this.#refuse()
      return undefined
    }
    if (this.#bytes.readInt32BE(4) === -88) {
      this.#bytes = this.#bytes.subarray(8)
      return SWITCH_TO_SIMPLE
    }
    const token = this.#block(4)
    if (token !== undefined) this.#bytes = this.#bytes.subarray(8 + token.length)
    return token
  }

  #refuse(): void {
    const className = this.#block(4)
    const text = className && this.#block(8 + className.length)
    if (className === undefined || text === undefined) return
    throw new SaslRefusal(`the server says: ${text.toString()}`, className.toString())
  }

  /** int32 length, then the bytes; undefined when they are not all there. */
  #block(at: number): Buffer | undefined {
    if (this.#bytes.length < at + 4) return undefined
    const length = this.#bytes.readInt32BE(at)
    if (length < 0 || length > MAX_TOKEN) {
      throw new SaslRefusal('the server does not speak SASL')
    }
    const block = this.#bytes.subarray(at + 4, at + 4 + length)
    return block.length === length ? block : undefined
  }
}
