import { HBaseError } from './errors.ts'
import { Reader } from './wire/reader.ts'
import { putVarint } from './wire/writer.ts'
import { RemoteFault } from './faults.ts'
import { RequestHeader, ResponseHeader } from './wire/messages.ts'
import type { Message } from './wire/message.ts'

/** Free bytes a request keeps in front, for its length and header. */
export const HEADROOM = 128

/** Servers cut the connection under a larger one (hbase.ipc.max.request.size is 256 MB). */
const MAX_REQUEST = 250 << 20

/** hbase:meta has handlers of its own for calls of this priority (HConstants.HIGH_QOS). */
export const META_PRIORITY = 200

/** A request ready to be sent: one buffer, so that one write puts it on the wire. */
export interface Request {
  readonly method: string
  /** Headroom, parameter, cellblock. */
  readonly bytes: Buffer
  /** Where the cellblock begins; the end of `bytes` when there is none. */
  readonly cellsAt: number
  readonly priority?: number
}

export interface Reply {
  readonly parameter: Buffer
  readonly cells: Buffer
}

/** A method of one of HBase's services. */
export interface Method<Question, Answer> {
  readonly name: string
  readonly request: Message<Question>
  readonly response: Message<Answer>
}

export function requestOf<Q>(method: Method<Q, unknown>, value: Q, priority?: number): Request {
  const bytes = method.request.encode(value, HEADROOM)
  if (bytes.length > MAX_REQUEST)
    throw new HBaseError('REQUEST_TOO_LARGE', { detail: `${method.name}, ${bytes.length} bytes` })
  const request = { method: method.name, bytes, cellsAt: bytes.length }
  return priority === undefined ? request : { ...request, priority }
}

/**
 * Writes length and header into the headroom and returns the whole frame, a view of `request.bytes`.
 *   int32 total | varint | RequestHeader | varint | parameter | cellblock
 */
export function frameOf(request: Request, callId: number, timeoutMs: number): Buffer {
  const { bytes, cellsAt } = request
  const cellsLength = bytes.length - cellsAt
  const header = RequestHeader.encode({
    callId,
    methodName: request.method,
    requestParam: true,
    cellBlockMeta: cellsLength === 0 ? undefined : { length: cellsLength },
    priority: request.priority,
    timeout: timeoutMs,
  })
  const lead = Buffer.allocUnsafe(HEADROOM)
  let at = putVarint(lead, 4, header.length)
  at += header.copy(lead, at)
  at = putVarint(lead, at, cellsAt - HEADROOM)
  lead.writeInt32BE(at - 4 + bytes.length - HEADROOM, 0)
  lead.copy(bytes, HEADROOM - at, 0, at)
  return bytes.subarray(HEADROOM - at)
}

export interface Response {
  /** Undefined when the answer is for the whole connection (call id -1). */
  readonly callId: number | undefined
  readonly fault: RemoteFault | undefined
  readonly reply: Reply
}

const NOTHING = Buffer.alloc(0)
const CONNECTION_CALL_ID = 0xffffffff

/** Reads one frame of the server. Throws a RangeError when it is broken. */
export function parseResponse(frame: Buffer): Response {
  const reader = new Reader(frame)
  const header = ResponseHeader.decode(reader.block())
  const callId = header.callId === CONNECTION_CALL_ID ? undefined : header.callId
  const { exception } = header
  if (exception !== undefined) {
    const fault = new RemoteFault(exception.exceptionClassName ?? '', exception.stackTrace ?? '', {
      doNotRetry: exception.doNotRetry,
      overloaded: exception.serverOverloaded,
    })
    return { callId, fault, reply: { parameter: NOTHING, cells: NOTHING } }
  }
  const parameter = reader.more ? reader.block() : NOTHING
  const size = header.cellBlockMeta?.length ?? 0
  if (reader.position + size > frame.length) throw new RangeError('a cellblock cut short')
  const cells = frame.subarray(reader.position, reader.position + size)
  return { callId, fault: undefined, reply: { parameter, cells } }
}

/** Reads an answer. Throws PROTOCOL when it is broken, which no retry would help. */
export const decodeReply = <A>(
  { name, response }: { readonly name: string; readonly response: Message<A> },
  { parameter }: Reply,
): A => understand(name, () => response.decode(parameter))

/** Runs what reads an answer; the RangeError of broken bytes becomes PROTOCOL. */
export function understand<A>(method: string, read: () => A): A {
  try {
    return read()
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    throw new HBaseError('PROTOCOL', { detail: method, cause })
  }
}
