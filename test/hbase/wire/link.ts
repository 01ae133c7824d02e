import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { FrameReader } from '../../../hbase/frames.ts'

/** One direction of a connection. */
export interface Pipe {
  readonly link: Link
  /** Which frame is at hand; the connection's header is the first a client sends. */
  readonly frame: number
  readonly send: (bytes: Buffer) => void
  /** Says that no more comes; the other direction goes on. */
  readonly end: () => void
}

export type Shape = (frame: Buffer, pipe: Pipe) => void

/** What happens on the way. What is left out passes unchanged. */
export interface Weather {
  /** Returns true when it has dealt with the new connection, so that none is made to the server. */
  readonly opened?: (link: Link) => boolean
  readonly request?: Shape
  readonly answer?: Shape
}

/** Magic, version and kind of authentication, sent before the first frame. */
const PREAMBLE_BYTES = 6

/** One connection through the proxy. */
export class Link {
  readonly client: Socket
  /** Nothing passes any more, in either direction; the sockets stay open. */
  isSilent = false
  readonly #sockets: Socket[]
  readonly #open: () => Socket
  #mirror: Socket | undefined

  constructor(client: Socket, target: { readonly host: string; readonly port: number }) {
    this.client = client
    this.#sockets = [client]
    client.on('error', () => {})
    client.on('close', () => {
      this.cut()
    })
    this.#open = () => {
      const socket = connect({ ...target, noDelay: true, allowHalfOpen: true })
      socket.on('error', () => {})
      this.#sockets.push(socket)
      return socket
    }
  }

  /** Passes everything on, shaped by the weather of the moment. */
  join(weather: () => Weather): void {
    const upstream = this.#open()
    const toServer = (bytes: Buffer) => {
      if (this.isSilent) return
      if (upstream.writable) upstream.write(bytes)
      this.#mirror?.write(bytes)
    }
    const toClient = (bytes: Buffer) => {
      if (this.client.writable && !this.isSilent) this.client.write(bytes)
    }
    const requests = this.#direction(toServer, () => upstream.end())
    const answers = this.#direction(toClient, () => this.client.end())
    let preamble = Buffer.alloc(0)
    this.client.on('data', (chunk) => {
      const missing = PREAMBLE_BYTES - preamble.length
      if (missing > 0) {
        preamble = Buffer.concat([preamble, chunk.subarray(0, missing)])
        toServer(chunk.subarray(0, missing))
      }
      requests(chunk.subarray(Math.max(0, missing)), weather().request)
    })
    upstream.on('data', (chunk) => {
      answers(chunk, weather().answer)
    })
    this.client.on('end', () => upstream.end())
    upstream.on('end', () => this.client.end())
    upstream.on('close', () => this.client.destroy())
  }

  /** From now on the server gets everything once more, on a second connection whose answers nobody hears. */
  mirror(...already: readonly Buffer[]): void {
    this.#mirror = this.#open().resume()
    for (const bytes of already) this.#mirror.write(bytes)
  }

  /** Ends all its sockets at once, with a reset. */
  cut(): void {
    for (const socket of this.#sockets.splice(0)) socket.resetAndDestroy()
  }

  #direction(send: (bytes: Buffer) => void, end: () => void) {
    let frame = 0
    let current = pass
    const reader = new FrameReader((body) => {
      frame++
      const head = Buffer.alloc(4)
      head.writeUInt32BE(body.length)
      current(Buffer.concat([head, body]), { link: this, frame, send, end })
    })
    return (chunk: Buffer, shape: Shape = pass) => {
      current = shape
      reader.push(chunk)
    }
  }
}

const pass: Shape = (frame, { send }) => {
  send(frame)
}
