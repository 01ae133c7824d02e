import type { Duplex } from 'node:stream'
import { ConnectionFault, SlowCall } from './faults.ts'
import type { RemoteFault } from './faults.ts'
import type { BufferPool } from './buffers.ts'
import { ConnectionHeader } from './wire/messages.ts'
import { COMPRESSORS, compressed, decompressed } from './compression.ts'
import { connections } from './channels.ts'
import type { Deadline } from './deadline.ts'
import { FrameReader } from './frames.ts'
import { HBaseError } from './errors.ts'
import { frameOf, parseResponse } from './call.ts'
import type { Reply, Request, Response } from './call.ts'
import { openTransport, refusalOf } from './transport/transport.ts'
import type { Place, Security } from './transport/transport.ts'
import type { Compression } from './types.ts'

export interface ConnectionOptions {
  readonly place: Place
  readonly security: Security
  readonly service: string
  readonly user: string | undefined
  readonly compression: Compression | undefined
  readonly connectTimeoutMs: number
  /** Where long answers are taken from. */
  readonly frames: BufferPool
}

interface Pending {
  readonly resolve: (reply: Reply) => void
  readonly reject: (error: Error) => void
}

const CODEC = 'org.apache.hadoop.hbase.codec.KeyValueCodec'

/**
 * One TCP connection to one service of one server; any number of calls at a time. Once broken it
 * stays broken: every call on it fails with a ConnectionFault, and the pool makes a new one.
 */
export class Connection {
  readonly #address: string
  readonly #service: string
  readonly #place: Place
  readonly #security: Security
  readonly #compression: Compression | undefined
  readonly #socket: Duplex
  readonly #frames: FrameReader
  readonly #calls = new Map<number, Pending>()
  readonly #connectTimer: NodeJS.Timeout
  #lastCallId = 0
  #lastAnswerAt = 0
  #ended = false
  #broken: ConnectionFault | HBaseError | undefined

  constructor(options: ConnectionOptions) {
    const { place, security, service, compression, connectTimeoutMs, frames } = options
    this.#address = place.server
    this.#place = place
    this.#security = security
    this.#compression = compression
    this.#service = service
    const onFrame = (frame: Buffer) => {
      this.#answer(parseResponse(frame))
    }
    this.#frames = new FrameReader(onFrame, frames)
    const onBytes = (bytes: Buffer) => {
      this.#receive(bytes)
    }
    const { stream, opened } = openTransport(place, security, onBytes)
    this.#socket = stream
    this.#connectTimer = setTimeout(() => {
      this.#break('no connection in time')
    }, connectTimeoutMs)
    this.#socket.on(opened, () => {
      clearTimeout(this.#connectTimer)
      this.#tell('open')
    })
    this.#socket.on('error', (error) => {
      this.#lost(error)
    })
    this.#socket.on('close', () => {
      this.#lost()
    })
    // Buffered by the stream until it is open.
    this.#socket.write(headerFrame(options))
  }

  get broken(): boolean {
    return this.#ended || this.#broken !== undefined
  }

  /**
   * Sends a request and waits for its answer, `timeoutMs` at most. Rejects with a RemoteFault (the
   * server's exception), a SlowCall or ConnectionFault (outcome unknown), or when the deadline's
   * operation is aborted. The request's buffer is free again once this resolves, not when it rejects.
   */
  async call(request: Request, timeoutMs: number, deadline: Deadline): Promise<Reply> {
    const sent = this.#compression === undefined ? request : await compressed(request)
    const began = performance.now()
    if (this.#socket.writableNeedDrain) await this.#drained(timeoutMs, deadline)
    if (this.#broken !== undefined) throw this.#broken
    const callId = this.#nextCallId()
    return deadline.race<Reply>((resolve, reject) => {
      const sentAt = performance.now()
      // What it waited for room is part of its time
      const leftMs = Math.max(1, timeoutMs - (sentAt - began))
      const timer = setTimeout(() => {
        reject(this.#overdue(request.method, sentAt, timeoutMs))
      }, leftMs)
      this.#calls.set(callId, { resolve, reject })
      this.#socket.write(frameOf(sent, callId, Math.ceil(leftMs)))
      return () => {
        clearTimeout(timer)
        this.#calls.delete(callId)
      }
    })
  }

  close(): void {
    this.#break('closed by the client')
  }

  #nextCallId(): number {
    this.#lastCallId = this.#lastCallId >= 0x7fffffff ? 1 : this.#lastCallId + 1
    return this.#lastCallId
  }

  #drained(timeoutMs: number, deadline: Deadline): Promise<void> {
    return deadline.race<undefined>((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(this.#break('the server takes no more data'))
      }, timeoutMs)
      const go = () => {
        resolve(undefined)
      }
      this.#socket.once('drain', go)
      this.#socket.once('close', go)
      return () => {
        clearTimeout(timer)
        this.#socket.off('drain', go)
        this.#socket.off('close', go)
      }
    })
  }

  /** A server that stopped still accepts data: silence on the whole connection is the only sign. */
  #overdue(method: string, sentAt: number, timeoutMs: number): Error {
    if (this.#lastAnswerAt < sentAt) return this.#break(`silent for ${Math.round(timeoutMs)} ms`)
    return new SlowCall(`${method} on ${this.#address} took more than ${Math.round(timeoutMs)} ms`)
  }

  #receive(chunk: Buffer): void {
    this.#lastAnswerAt = performance.now()
    try {
      this.#frames.push(chunk)
    } catch (error) {
      this.#break('sent something that is not an answer', error)
    }
  }

  #answer({ callId, fault, reply }: Response): void {
    if (callId === undefined) {
      // It refuses the connection itself: its header, or who asks (FatalConnectionException and others).
      if (fault?.remedy === 'refused') this.#fail(this.#refusedBy(fault))
      else this.#break(fault?.className ?? 'refused by the server')
      return
    }
    const call = this.#calls.get(callId)
    // No such call: its answer came after its timeout, and it has been dealt with.
    if (call === undefined) return
    if (fault !== undefined) this.#refuse(call, fault)
    else if (this.#compression === undefined) call.resolve(reply)
    else this.#unpack(reply, call)
  }

  /** A server that finds a request too large reads no further, and closes (NettyRpcFrameDecoder). */
  #refuse(call: Pending, fault: RemoteFault): void {
    call.reject(fault)
    if (fault.remedy === 'split') this.#break('reads no further after a request too large for it')
  }

  /** A damaged block says as little as no answer at all, and leaves no trust in what follows. */
  #unpack(reply: Reply, call: Pending): void {
    decompressed(reply).then(call.resolve, (error: unknown) => {
      this.#break('sent cells that cannot be unpacked', error)
    })
  }

  /** ServerRpcConnection denies access to a connection only for how it is authenticated. */
  #refusedBy(fault: RemoteFault): HBaseError {
    if (fault.code !== 'ACCESS_DENIED') return fault.toError({ tell: true })
    const advice = this.#security.kerberos === undefined ? ': give the option kerberos' : ''
    return new HBaseError('AUTHENTICATION_FAILED', {
      detail: `${this.#address} says: ${fault.text.split('\n')[0] ?? ''}${advice}`,
      remoteClass: fault.className,
    })
  }

  /** Ended by itself; before its first answer that may mean that the options do not suit the server. */
  #lost(error?: NodeJS.ErrnoException): void {
    if (this.#ended) return
    this.#ended = true
    const reason = error === undefined ? 'closed by the server' : (error.code ?? error.message)
    if (this.#lastAnswerAt > 0) {
      this.#break(reason, error)
      return
    }
    void refusalOf(error, this.#place, this.#security).then((refusal) => {
      if (refusal === undefined) this.#break(reason, error)
      else this.#fail(refusal)
    })
  }

  #break(reason: string, cause?: unknown): Error {
    return this.#fail(new ConnectionFault(`${this.#address} ${reason}`, { cause }))
  }

  #fail(error: ConnectionFault | HBaseError): Error {
    if (this.#broken !== undefined) return this.#broken
    this.#broken = error
    clearTimeout(this.#connectTimer)
    this.#socket.destroy()
    for (const call of [...this.#calls.values()]) call.reject(error)
    this.#calls.clear()
    this.#tell('closed', error.message)
    return error
  }

  #tell(state: 'open' | 'closed', why?: string): void {
    connections.publish(() => ({
      server: this.#address,
      service: this.#service,
      state,
      why,
    }))
  }
}

/** With version_info the server names scanner errors properly (since 1.4) and answers in parts. */
function headerFrame({ service, user, compression }: ConnectionOptions): Buffer {
  const header = ConnectionHeader.encode(
    {
      userInfo: user === undefined ? undefined : { effectiveUser: user },
      serviceName: service,
      cellBlockCodecClass: CODEC,
      cellBlockCompressorClass: compression && COMPRESSORS[compression],
      versionInfo: {
        version: '2.6.0',
        url: '',
        revision: '',
        user: '',
        date: '',
        srcChecksum: '',
        versionMajor: 2,
        versionMinor: 6,
      },
    },
    4,
  )
  header.writeInt32BE(header.length - 4, 0)
  return header
}
