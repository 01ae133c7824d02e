// The few calls of GSSAPI (RFC 2744) that a client needs, on the system's own library by way of
// koffi. Structures are pairs of 64-bit words:
//   gss_buffer_desc  size_t length | void *value
//   gss_OID_desc     uint32 length | void *elements
import { HBaseError } from '../errors.ts'

/** What is used of koffi: calling C with buffers as pointers. */
interface Koffi {
  load(file: string | null): { func(declaration: string): Call }
  address(memory: ArrayBufferView): bigint
}

type Argument = ArrayBufferView | bigint | number | null

interface Call {
  (...of: readonly Argument[]): number
  async(...of: readonly (Argument | ((error: Error | null, status: number) => void))[]): void
}

export interface Gssapi {
  readonly koffi: Koffi
  readonly importName: Call
  readonly initContext: Call
  readonly wrap: Call
  readonly unwrap: Call
  readonly displayStatus: Call
  readonly releaseBuffer: Call
  readonly releaseName: Call
  readonly deleteContext: Call
  readonly copy: Call
}

/** What GSSAPI says is wrong, in its own words; they name principals, realms and files. */
export class GssFailure extends Error {
  override readonly name = 'GssFailure'
}

/** By way of a variable: a compiler need not find it where Kerberos is not used. */
const LIBRARY: string = 'koffi'
const FILES = ['libgssapi_krb5.so.2', 'libgssapi_krb5.dylib']
const CONTINUE_NEEDED = 1
/** Kinds of status */
const BY_GSSAPI = 1
const BY_MECHANISM = 2
const KERBEROS = Buffer.from('2a864886f712010202', 'hex')
/** A principal as it is written, with its realm (GSS_KRB5_NT_PRINCIPAL_NAME). */
const PRINCIPAL = Buffer.from('2a864886f71201020201', 'hex')
const NOTHING = Buffer.alloc(0)

/** req_flags of gss_init_sec_context */
export const GssFlag = { mutual: 2, sequence: 8, confidential: 16, integrity: 32 } as const

let loading: Promise<Gssapi> | undefined

/** Loaded when the first connection needs it. Throws CONFIGURATION when there is no such library. */
export function loadGssapi(): Promise<Gssapi> {
  loading ??= load().catch((error: unknown) => {
    loading = undefined
    throw error
  })
  return loading
}

async function load(): Promise<Gssapi> {
  const koffi = await import(LIBRARY).then(
    (module: { readonly default: Koffi }) => module.default,
    (cause: unknown) => {
      throw missing('needs the package koffi, version 3: run "npm install koffi"', cause)
    },
  )
  const gssapi = firstOf(koffi)
  const call = (name: string, ...types: readonly string[]): Call =>
    gssapi.func(`uint32_t gss_${name}(${['void *', ...types].join(', ')})`)
  const pointers = (count: number): string[] => Array.from({ length: count }, () => 'void *')
  return {
    koffi,
    importName: call('import_name', ...pointers(3)),
    initContext: call(
      'init_sec_context',
      ...pointers(4),
      ...['uint32_t', 'uint32_t'],
      ...pointers(6),
    ),
    wrap: call('wrap', 'void *', 'int', 'uint32_t', ...pointers(3)),
    unwrap: call('unwrap', ...pointers(5)),
    displayStatus: call('display_status', 'uint32_t', 'int', ...pointers(3)),
    releaseBuffer: call('release_buffer', 'void *'),
    releaseName: call('release_name', 'void *'),
    deleteContext: call('delete_sec_context', ...pointers(2)),
    copy: koffi.load(null).func('void *memcpy(void *, void *, size_t)'),
  }
}

function firstOf(koffi: Koffi): ReturnType<Koffi['load']> {
  for (const file of FILES) {
    try {
      return koffi.load(file)
    } catch {
      // Another system calls it by another name.
    }
  }
  throw missing('needs the system\'s Kerberos library: run "apt install libgssapi-krb5-2"')
}

const missing = (what: string, cause?: unknown): HBaseError =>
  new HBaseError('CONFIGURATION', { detail: `kerberos ${what}`, cause })

/** One security context, as the side that begins. Calls must not overlap. Throws GssFailure. */
export class GssContext {
  readonly #library: Gssapi
  readonly #flags: number
  readonly #minor = new Uint32Array(1)
  /** What C has the address of while a call is under way: it must not be collected. */
  #held: ArrayBufferView[] = []
  #stepping = false
  #disposed = false
  readonly #context = new BigUint64Array(1)
  readonly #name = new BigUint64Array(1)

  /** `principal` is the server's: service/host, or service/host@REALM. */
  constructor(library: Gssapi, principal: string, flags: number) {
    this.#library = library
    this.#flags = flags
    const name = this.#pair(Buffer.from(principal))
    this.#check(library.importName(this.#minor, name, this.#pair(PRINCIPAL), this.#name))
  }

  /** The next token for the server, if any. It may ask the KDC, so it runs on a thread of its own. */
  async step(received: Buffer): Promise<{ readonly token: Buffer; readonly complete: boolean }> {
    const { initContext } = this.#library
    const [mechanism, input] = [this.#pair(KERBEROS), this.#pair(received)]
    const output = new BigUint64Array(2)
    const [name = 0n] = this.#name
    this.#stepping = true
    const status = await new Promise<number>((resolve, reject) => {
      initContext.async(
        ...[this.#minor, null, this.#context, name, mechanism, this.#flags, 0, null],
        ...[input, null, output, null, null],
        (error: Error | null, result: number) => {
          if (error === null) resolve(result)
          else reject(error)
        },
      )
    })
    this.#stepping = false
    const token = this.#take(output)
    if (this.#disposed) this.#free()
    this.#check(status)
    return { token, complete: status !== CONTINUE_NEEDED }
  }

  /**
   * Seals a message. On this thread: a request is 2 MB at most, which takes some milliseconds, and
   * the order of the messages is part of what is sealed.
   */
  wrap(message: Buffer, confidential: boolean): Buffer {
    const input = this.#pair(message)
    const output = new BigUint64Array(2)
    const [context = 0n] = this.#context
    const protect = confidential ? 1 : 0
    this.#check(this.#library.wrap(this.#minor, context, protect, 0, input, null, output))
    return this.#take(output)
  }

  /** Opens a sealed message. Throws for one that was changed, repeated, or left out before it. */
  unwrap(sealed: Buffer): { readonly message: Buffer; readonly confidential: boolean } {
    const input = this.#pair(sealed)
    const output = new BigUint64Array(2)
    const confidential = new Int32Array(1)
    const [context = 0n] = this.#context
    const status = this.#library.unwrap(this.#minor, context, input, output, confidential, null)
    const message = this.#take(output)
    this.#check(status)
    // The lower half tells of a wrong order, which TCP does not make.
    if (status !== 0) throw new GssFailure('a message is missing or was repeated')
    return { message, confidential: confidential[0] !== 0 }
  }

  /** Frees what C has allocated, once a step under way has ended. Safe to repeat. */
  dispose(): void {
    this.#disposed = true
    if (!this.#stepping) this.#free()
  }

  #free(): void {
    if (this.#context[0] !== 0n) this.#library.deleteContext(this.#minor, this.#context, null)
    if (this.#name[0] !== 0n) this.#library.releaseName(this.#minor, this.#name)
    this.#context[0] = 0n
    this.#name[0] = 0n
  }

  #pair(bytes: Buffer): BigUint64Array {
    const pair = new BigUint64Array(2)
    if (bytes.length > 0) {
      pair[0] = BigInt(bytes.length)
      pair[1] = this.#library.koffi.address(bytes)
    }
    this.#held.push(bytes, pair)
    return pair
  }

  #take(pair: BigUint64Array): Buffer {
    const [length = 0n, address = 0n] = pair
    if (address === 0n) return NOTHING
    const bytes = Buffer.allocUnsafe(Number(length))
    if (bytes.length > 0) this.#library.copy(bytes, address, bytes.length)
    this.#library.releaseBuffer(this.#minor, pair)
    return bytes
  }

  /** To be called after every call of C: the upper half of its status is an error. */
  #check(status: number): void {
    this.#held = []
    if (status >>> 16 === 0) return
    const [minor = 0] = this.#minor
    const words = [this.#words(status, BY_GSSAPI), this.#words(minor, BY_MECHANISM)]
    throw new GssFailure(words.filter((text) => !text.startsWith('Unspecified')).join(': '))
  }

  #words(status: number, kind: number): string {
    const more = new Uint32Array(1)
    const text = new BigUint64Array(2)
    const mechanism = this.#pair(KERBEROS)
    this.#library.displayStatus(this.#minor, status, kind, mechanism, more, text)
    this.#held = []
    return this.#take(text).toString()
  }
}
