import { ConnectionFault } from './faults.ts'
import { HBaseError } from './errors.ts'
import type { Where } from './errors.ts'
import { setMaxListeners } from 'node:events'
import type { CallOptions } from './types.ts'

/** The end of an operation: by time, by the caller's signal or because the client was closed. */
export class Deadline {
  readonly #at: number
  readonly #signals: readonly AbortSignal[]
  readonly #closed: AbortSignal
  readonly table: string | undefined
  /** The limits of its single calls, where they are not the client's. */
  readonly call: Pick<CallOptions, 'callTimeoutMs' | 'priority'>
  /** What went wrong last: time may run out far from where that was. */
  #last: { readonly cause: unknown; readonly where: Where } | undefined

  constructor(
    milliseconds: number,
    closed: AbortSignal,
    about: CallOptions & { readonly table?: string | undefined } = {},
  ) {
    this.#at = performance.now() + milliseconds
    this.#closed = closed
    this.#signals = about.signal === undefined ? [closed] : [closed, about.signal]
    // One listener per call under way is no leak, however many there are.
    setMaxListeners(0, ...this.#signals)
    this.table = about.table
    this.call = about
  }

  get remainingMs(): number {
    return Math.max(0, this.#at - performance.now())
  }

  /** Throws when the operation has to stop; `cause` is what kept it from finishing. */
  check(cause?: unknown): void {
    const stopped = this.#stopped()
    if (stopped !== undefined) throw stopped
    if (this.remainingMs === 0) throw this.expired(cause)
  }

  /** What is thrown when there is no time left, told by what went wrong last. */
  expired(cause: unknown = this.#last?.cause, where = this.#last?.where): HBaseError {
    if (cause instanceof HBaseError) return cause
    const code = cause instanceof ConnectionFault ? 'UNREACHABLE' : 'TIMEOUT'
    const detail = cause instanceof Error ? cause.message : undefined
    return new HBaseError(code, { table: this.table, ...where, detail, cause })
  }

  /** What is thrown where only time ran out: what went wrong before says more than that there was no answer. */
  overdue(cause: Error): Error {
    return this.#last === undefined ? cause : this.expired()
  }

  /** Waits; throws at once when the wait would end after the deadline. */
  async pause(milliseconds: number, cause: unknown, where: Where = {}): Promise<void> {
    const attempts = Math.max(where.attempts ?? 1, this.#last?.where.attempts ?? 1)
    this.#last = { cause, where: { ...where, attempts } }
    this.check(cause)
    if (milliseconds >= this.remainingMs) throw this.expired(cause)
    if (milliseconds > 0) {
      await this.race<undefined>((resolve) => {
        const timer = setTimeout(resolve, milliseconds, undefined)
        return () => {
          clearTimeout(timer)
        }
      })
    }
  }

  /** Waits for what ends by itself, or until the operation is aborted. */
  wait<T>(coming: Promise<T>): Promise<T> {
    return this.race((resolve, reject) => {
      coming.then(resolve, reject)
      return () => {}
    })
  }

  /**
   * Settles as `start` says, or is rejected when the operation is aborted. `start` returns what has
   * to be cleaned up in either case.
   */
  race<T>(
    start: (resolve: (value: T) => void, reject: (error: Error) => void) => () => void,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const stopped = this.#stopped()
      if (stopped !== undefined) {
        reject(stopped)
        return
      }
      let release = () => {}
      const abort = () => {
        end()
        reject(this.#stopped() ?? this.expired(undefined))
      }
      const end = () => {
        for (const signal of this.#signals) signal.removeEventListener('abort', abort)
        release()
      }
      for (const signal of this.#signals) signal.addEventListener('abort', abort)
      release = start(
        (value) => {
          end()
          resolve(value)
        },
        (error) => {
          end()
          reject(error)
        },
      )
    })
  }

  #stopped(): HBaseError | undefined {
    if (this.#closed.aborted) return new HBaseError('CLOSED', { table: this.table })
    const aborted = this.#signals.find((signal) => signal.aborted)
    return aborted && new HBaseError('ABORTED', { table: this.table, cause: aborted.reason })
  }
}
