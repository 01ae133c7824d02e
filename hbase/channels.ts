import { channel } from 'node:diagnostics_channel'
import { Fault } from './faults.ts'
import { HBaseError } from './errors.ts'

/** One request and what became of it. */
export interface CallMessage {
  readonly method: string
  /** host:port as the cluster publishes it. */
  readonly server: string
  readonly table: string | undefined
  readonly milliseconds: number
  /** Parameter and cells, not compressed, without lengths and headers; 0 when nothing was sent or answered. */
  readonly bytesOut: number
  readonly bytesIn: number
  /** "ok", the Java class HBase answered with, ConnectionFault, SlowCall, or the code of an HBaseError. */
  readonly outcome: string
}

/** A part of an operation did not work out and is tried again. */
export interface RetryMessage {
  readonly table: string | undefined
  readonly server?: string | undefined
  /** The encoded name. */
  readonly region?: string | undefined
  /** The Java class HBase answered with, or the name of what went wrong. */
  readonly why: string
  /** 1 after the first try. */
  readonly attempt: number
  readonly pauseMs: number
  /** The server has too much to do, and is left alone for so long. */
  readonly overloaded: boolean
}

/** A region was found to be elsewhere or nowhere, and is looked up again. */
export interface RelocationMessage {
  readonly table: string
  readonly region: string
  /** The server that was thought to hold it. */
  readonly server: string
  readonly why: string
}

/** A connection was opened, or has ended. */
export interface ConnectionMessage {
  readonly server: string
  readonly service: string
  readonly state: 'open' | 'closed'
  /** Why it ended. */
  readonly why: string | undefined
}

/** Makes its messages only while somebody listens. */
class Outlet<Message extends object> {
  readonly #channel: ReturnType<typeof channel>

  constructor(name: string) {
    this.#channel = channel(name)
  }

  get isHeard(): boolean {
    return this.#channel.hasSubscribers
  }

  publish(message: () => Message): void {
    if (this.#channel.hasSubscribers) this.#channel.publish(message())
  }
}

/** Tells of the call when it has ended; only to be used while somebody listens. */
export async function observed<R extends Traffic>(
  about: Pick<CallMessage, 'method' | 'server' | 'table' | 'bytesOut'>,
  call: () => Promise<R>,
): Promise<R> {
  const began = performance.now()
  const tell = (outcome: string, bytesIn: number) => {
    calls.publish(() => ({
      ...about,
      milliseconds: performance.now() - began,
      bytesIn,
      outcome,
    }))
  }
  try {
    const reply = await call()
    tell('ok', reply.parameter.length + reply.cells.length)
    return reply
  } catch (error) {
    tell(outcomeOf(error), 0)
    throw error
  }
}

interface Traffic {
  readonly parameter: { readonly length: number }
  readonly cells: { readonly length: number }
}

function outcomeOf(error: unknown): string {
  if (error instanceof Fault) return error.why
  return error instanceof HBaseError ? error.code : 'Error'
}

/** What a retry says of its fault. */
export const toldOf = ({ why, remedy }: Fault): Pick<RetryMessage, 'why' | 'overloaded'> => ({
  why,
  overloaded: remedy === 'overloaded',
})

/** The channels of node:diagnostics_channel this client publishes to. No message holds row content. */
export const CHANNELS = {
  call: 'hbase:call',
  retry: 'hbase:retry',
  relocation: 'hbase:relocation',
  connection: 'hbase:connection',
} as const

export const calls = new Outlet<CallMessage>(CHANNELS.call)
export const retries = new Outlet<RetryMessage>(CHANNELS.retry)
export const relocations = new Outlet<RelocationMessage>(CHANNELS.relocation)
export const connections = new Outlet<ConnectionMessage>(CHANNELS.connection)
