import { SyncError } from '../../model/errors.ts'
import type { Run } from './source.ts'

type End = 'SOURCE_UNREACHABLE' | 'SINK_UNREACHABLE'

/** Something that was sent to a server and has not been done yet. */
export class Call {
  readonly what: string
  private readonly end: End
  private readonly work: () => unknown
  private readonly mayRun: (() => boolean) | undefined
  private readonly resolve: (result: unknown) => void
  private readonly reject: (error: Error) => void
  private listens = true

  constructor(
    sent: { what: string; end: End; work: () => unknown; ready: (() => boolean) | undefined },
    resolve: (result: unknown) => void,
    reject: (error: Error) => void,
  ) {
    this.what = sent.what
    this.end = sent.end
    this.work = sent.work
    this.mayRun = sent.ready
    this.resolve = resolve
    this.reject = reject
  }

  /** Whether the server could have the locks it needs. */
  get ready(): boolean {
    return this.mayRun === undefined || this.mayRun()
  }

  /** Does it, and lets the sender have the answer if it still listens. */
  deliver(): void {
    try {
      const result = this.work()
      if (this.listens) this.resolve(result)
    } catch (error) {
      if (this.listens) this.reject(error as Error)
    }
  }

  /** Nobody waits for the answer any more. */
  forget(): void {
    this.listens = false
  }

  /** The sender is told that nobody answers; the call itself stays under way. */
  lose(): void {
    this.listens = false
    this.reject(new SyncError(this.end, 'no answer'))
  }
}

/** Everything that is sent waits in `calls` until it is delivered. */
export const runOf =
  (calls: Call[], end: End): Run =>
  <Result>(what: string, work: () => Result | Promise<Result>, ready?: () => boolean) =>
    new Promise<Result>((resolve, reject) => {
      calls.push(new Call({ what, end, work, ready }, resolve as (result: unknown) => void, reject))
    })

/** Resolves when everybody who was answered waits for the next answer: nothing here waits for anything but answers. */
export const settled = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve))
