import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { guard, unguard } from '../../guard.ts'
import { gone, isAlive, signalGroup, startDetached } from '../../process.ts'
import type { Detached, ProcessMark } from '../../process.ts'
import { accepts, until } from '../../until.ts'
import type { Part, Role } from './roles.ts'
import type { Watch } from './watch.ts'

const READY_MS = 180_000
const GONE_MS = 60_000

interface Membership extends Part {
  readonly launch: Omit<Detached, 'logFile'>
  readonly logFile: string
  readonly signal: AbortSignal
  readonly watch: Watch
}

/** One process of a cluster, and its successors on the same port. */
export class Member {
  readonly #membership: Membership
  #mark: ProcessMark | undefined

  constructor(membership: Membership) {
    this.#membership = membership
  }

  get role(): Role {
    return this.#membership.role
  }

  get port(): number {
    return this.#membership.port
  }

  get logFile(): string {
    return this.#membership.logFile
  }

  get isAlive(): boolean {
    return this.#mark !== undefined && isAlive(this.#mark)
  }

  async start(): Promise<void> {
    const { role, port, says, launch, logFile, signal, watch } = this.#membership
    if (this.isAlive) throw new Error(`${role} runs already.`)
    signal.throwIfAborted()
    // One that ended by itself, as HBase's do when they find that they were replaced.
    if (this.#mark !== undefined) this.#forget(this.#mark)
    const logStart = await stat(logFile).then(
      ({ size }) => size,
      () => 0,
    )
    const mark = await startDetached({ ...launch, logFile })
    this.#mark = mark
    guard(mark)
    watch.add(mark.pid)
    const printed = (): Promise<string> =>
      text(createReadStream(logFile, { start: logStart, encoding: 'utf8' }))
    const watched = { alive: () => isAlive(mark), printed, signal }
    const wait = { what: `${role} works, see ${logFile}`, withinMs: READY_MS, watched }
    await until(wait, async () =>
      says === undefined ? accepts('127.0.0.1', port) : (await printed()).includes(says),
    )
  }

  async signal(signal: NodeJS.Signals): Promise<void> {
    const mark = this.#mark
    if (mark === undefined || !isAlive(mark)) {
      throw new Error(`${this.role} does not run; ${signal} cannot be sent to it.`)
    }
    signalGroup(mark, signal)
    if (signal === 'SIGSTOP' || signal === 'SIGCONT') return
    if (!(await gone(mark, GONE_MS))) {
      throw new Error(`${this.role} (process ${mark.pid}) is still there after ${signal}.`)
    }
    this.#forget(mark)
  }

  /** Nothing is kept from running: the data survives SIGKILL. Safe to repeat. */
  async kill(): Promise<void> {
    const mark = this.#mark
    if (mark === undefined) return
    signalGroup(mark, 'SIGKILL')
    await gone(mark, GONE_MS)
    this.#forget(mark)
  }

  #forget(mark: ProcessMark): void {
    unguard(mark)
    this.#membership.watch.remove(mark.pid)
    this.#mark = undefined
  }
}
