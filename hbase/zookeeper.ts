import { ConnectionFault } from './faults.ts'
import { formatAddress, parseAddress } from './address.ts'
import type { Address } from './address.ts'
import type { Deadline } from './deadline.ts'
import type { Directory, Role } from './directory.ts'
import { HBaseError } from './errors.ts'
import { NotYet } from './directory.ts'
import type { ServerNameValue } from './wire/messages.ts'
import type { Socket } from 'node:net'
import { ZooKeeperNode } from './wire/messages.ts'
import { hedged } from './hedge.ts'
import { understand } from './call.ts'

/** For clusters that publish only their ZooKeeper; needs the package node-zookeeper-client. */
export interface ZooKeeperOptions {
  /** host:port of the members, with commas between; without a port it is 2181. */
  readonly quorum: string
  /** The cluster's own node, `zookeeper.znode.parent`; /hbase by default. */
  readonly znode?: string
}

const USUAL_PORT = 2181
const USUAL_NODE = '/hbase'
const NODES: Readonly<Record<Role, string>> = {
  master: 'master',
  'server of hbase:meta': 'meta-region-server',
}
const HEDGE_MS = 300
/** ZooKeeper takes 2 to 20 of its own ticks; ours lives for one question. */
const SESSION_MS = 6000
const GRACE_MS = 500

/**
 * Reads what HBase keeps in ZooKeeper (ZKConnectionRegistry). Members are asked one by one, the next
 * one too when one is slow, each in a short session of its own: where the master and hbase:meta are
 * is asked rarely, and a session kept open would be a burden on the quorum.
 */
export class ZooKeeper implements Directory {
  readonly #members: readonly Address[]
  readonly #znode: string

  /** Throws CONFIGURATION. */
  constructor({ quorum, znode = USUAL_NODE }: ZooKeeperOptions) {
    this.#members = parseQuorum(quorum)
    if (!/^(\/[^/\s]+)+$/.test(znode)) {
      throw new HBaseError('CONFIGURATION', { detail: `"${znode}" is no path of a ZooKeeper node` })
    }
    this.#znode = znode
  }

  async find(role: Role, deadline: Deadline): Promise<ServerNameValue> {
    const path = `${this.#znode}/${NODES[role]}`
    const data = await hedged(this.#members, { delayMs: HEDGE_MS, deadline }, (member) =>
      read(member, path, deadline),
    )
    const { serverName } = understand(`ZooKeeper's ${path}`, () => ZooKeeperNode.decode(body(data)))
    if (serverName === undefined) throw new NotYet(`ZooKeeper's ${path} names no server yet`)
    return serverName
  }

  renew(): void {
    // The quorum is what was given; its members do not change by themselves.
  }
}

/** Throws CONFIGURATION. */
function parseQuorum(quorum: string): readonly Address[] {
  return quorum.split(',').map((member) => {
    const text = member.trim()
    const hasPort = /:\d+$/.test(text) && !/^[^[\]]*:[^[\]]*:/.test(text)
    return parseAddress(hasPort ? text : `${text}:${USUAL_PORT}`)
  })
}

/**
 * What stands before the message: 0xff, the length of the writer's id and the id
 * (RecoverableZooKeeper.removeMetaData), then "PBUF".
 */
function body(data: Buffer): Buffer {
  const idLength = data[0] === 0xff ? data.readInt32BE(1) + 5 : 0
  if (data.toString('latin1', idLength, idLength + 4) !== 'PBUF') throw new RangeError('no PBUF')
  return data.subarray(idLength + 4)
}

/** One question to one member. */
async function read(member: Address, path: string, deadline: Deadline): Promise<Buffer> {
  const { createClient, Exception } = await library()
  const name = formatAddress(member.host, member.port)
  const mostMs = Math.min(SESSION_MS, deadline.remainingMs)
  const client = createClient(name, { sessionTimeout: SESSION_MS, spinDelay: GRACE_MS })
  // The library takes every colon for the one before a port, which an IPv6 address does not survive.
  internals(client).servers = [{ ...member }]
  try {
    return await deadline.race<Buffer>((resolve, reject) => {
      const timer = setTimeout(() => {
        const silent = new ConnectionFault(`ZooKeeper at ${name} did not answer in time`)
        reject(mostMs < SESSION_MS ? deadline.overdue(silent) : silent)
      }, mostMs)
      client.getData(path, (error, data) => {
        if (error === null) resolve(data)
        else reject(failure(error instanceof Exception ? error.getCode() : undefined, name, path))
      })
      client.connect()
      return () => {
        clearTimeout(timer)
      }
    })
  } finally {
    leave(client)
  }
}

const NO_NODE = -101
const NO_AUTH = -102

function failure(code: number | undefined, member: string, path: string): Error {
  if (code === NO_NODE) return new NotYet(`ZooKeeper has no node ${path} yet`)
  if (code === NO_AUTH) {
    return new HBaseError('ACCESS_DENIED', { detail: `ZooKeeper's node ${path}` })
  }
  return new ConnectionFault(`ZooKeeper at ${member} lost the session`)
}

/** What is used of the library. Its own types would have to be there for everybody who compiles this client. */
interface Library {
  readonly createClient: (
    member: string,
    options: { readonly sessionTimeout: number; readonly spinDelay: number },
  ) => Client
  readonly Exception: new (...words: never) => { getCode(): number }
}

interface Client {
  getData(path: string, done: (error: Error | null, data: Buffer) => void): void
  connect(): void
  close(): void
}

/** By way of a variable: a compiler or bundler need not find it. */
const LIBRARY: string = 'node-zookeeper-client'

/** Loaded only where it is asked for, so that the client itself depends on nothing. */
async function library(): Promise<Library> {
  try {
    // CommonJS: what it exports is the default.
    const { default: exported } = (await import(LIBRARY)) as { readonly default: Library }
    return exported
  } catch (cause) {
    throw new HBaseError('CONFIGURATION', {
      detail:
        'zookeeper needs the package node-zookeeper-client: npm install node-zookeeper-client',
      cause,
    })
  }
}

/** Ends the session; a member that does not answer must not hold the process. */
function leave(client: Client): void {
  client.close()
  const { socket } = internals(client)
  socket?.unref()
  setTimeout(() => socket?.destroy(), GRACE_MS).unref()
}

/** What the library keeps to itself (1.1.3, pinned). */
interface Internals {
  servers: readonly Address[]
  readonly socket?: Socket
}

const internals = (client: Client): Internals =>
  (client as unknown as { readonly connectionManager: Internals }).connectionManager
