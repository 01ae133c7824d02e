import { CancellationScope, condition } from '@temporalio/workflow'

/**
 * Work in flight, at most `width` at a time. `settle` returns only when nothing runs any more, also when
 * the workflow itself is cancelled: one that closes with activities in flight leaves writers behind.
 */
export class Window {
  readonly #width: number
  #running = 0
  #scope = new CancellationScope()
  #failure: { readonly error: unknown } | undefined

  constructor(width: number) {
    this.#width = width
  }

  get inFlight(): number {
    return this.#running
  }

  get full(): boolean {
    return this.#running >= this.#width
  }

  get failed(): boolean {
    return this.#failure !== undefined
  }

  start(work: () => Promise<void>): void {
    this.#running++
    void this.#scope
      .run(work)
      .catch((error: unknown) => {
        this.#failure ??= { error }
      })
      .finally(() => {
        this.#running--
      })
  }

  /** Cancels what runs; later starts get a fresh scope. */
  interrupt(): void {
    this.#scope.cancel()
    this.#scope = new CancellationScope()
  }

  /** Waits until something ended, failed, or `orElse` holds. */
  async changed(orElse: () => boolean): Promise<void> {
    const before = this.#running
    await condition(() => this.#running < before || this.failed || orElse())
  }

  async settle(): Promise<void> {
    await CancellationScope.nonCancellable(() => condition(() => this.#running === 0))
  }

  /** Throws the first failure, if there was one. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure.error
  }
}
