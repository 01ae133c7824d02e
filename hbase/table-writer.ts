import type { Failure, Mutation, WriterOptions } from './types.ts'
import { HBaseError } from './errors.ts'
import { asBuffer } from './wire/message.ts'
import { cellSize } from './wire/cellblock.ts'

const BATCH_ROWS = 2000
const BATCH_BYTES = 2 << 20
const BUFFER_BYTES = 16 << 20

type Send = (mutations: readonly Mutation[]) => Promise<readonly Failure[]>

/**
 * Takes any number of mutations one by one and sends them in batches, several at a time. Memory
 * stays within `bufferBytes` as long as every `write` is awaited (BufferedMutator, with promises for
 * its blocking). Made by `HBaseClient.writer`.
 */
export class TableWriter {
  readonly #send: Send
  readonly #table: string
  readonly #options: WriterOptions
  readonly #maxBytes: number
  #batch = new Batch(0)
  readonly #under = new Map<Batch, Promise<void>>()
  #underBytes = 0
  #given = 0
  #error: unknown
  #isClosed = false

  constructor(table: string, send: Send, options: WriterOptions) {
    const { bufferBytes = BUFFER_BYTES } = options
    if (!(bufferBytes > 0))
      throw new HBaseError('CONFIGURATION', { table, detail: 'bufferBytes must be more than 0' })
    this.#table = table
    this.#send = send
    this.#options = options
    this.#maxBytes = bufferBytes
  }

  /**
   * Resolves when there is room for the next one, not when it is written. Rejects with what has
   * failed before; then everything that was not flushed may or may not be written.
   */
  async write(mutation: Mutation): Promise<void> {
    this.#check()
    if (this.#options.inOrder === true) await this.#untilFree(keyOf(mutation))
    this.#batch.add(mutation)
    if (this.#options.inOrder === true) this.#batch.keys.add(keyOf(mutation))
    this.#given++
    if (this.#batch.isFull || this.#batch.bytes >= this.#maxBytes) this.#sendBatch()
    while (this.#underBytes + this.#batch.bytes > this.#maxBytes && this.#under.size > 0) {
      await Promise.race(this.#under.values())
      this.#check()
    }
  }

  /** Resolves when all mutations given so far are acknowledged, or refused and told to `onFailure`. */
  async flush(): Promise<void> {
    this.#sendBatch()
    await Promise.all(this.#under.values())
    if (this.#error !== undefined) throw this.#error as Error
  }

  /** Flushes, and takes no more. Safe to repeat. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.flush()
  }

  #check(): void {
    if (this.#error !== undefined) throw this.#error as Error
    if (this.#isClosed)
      throw new HBaseError('CLOSED', { table: this.#table, detail: 'its writer was closed' })
  }

  /** Waits for the mutations of this row that were given before. */
  async #untilFree(key: string): Promise<void> {
    for (;;) {
      if (this.#batch.keys.has(key)) this.#sendBatch()
      const before = [...this.#under].find(([{ keys }]) => keys.has(key))
      if (before === undefined) return
      await before[1]
      this.#check()
    }
  }

  #sendBatch(): void {
    const batch = this.#batch
    if (batch.mutations.length === 0) return
    this.#batch = new Batch(this.#given)
    this.#underBytes += batch.bytes
    const done = this.#deliver(batch).finally(() => {
      this.#underBytes -= batch.bytes
      this.#under.delete(batch)
    })
    this.#under.set(batch, done)
  }

  /** Never rejects: what went wrong is thrown by the calls that follow. */
  async #deliver(batch: Batch): Promise<void> {
    try {
      const failures = await this.#send(batch.mutations)
      for (const { index, error } of failures) {
        if (this.#options.onFailure === undefined) throw error
        this.#options.onFailure({ index: batch.first + index, error })
      }
    } catch (error) {
      this.#error ??= error
    }
  }
}

class Batch {
  /** The position of its first mutation among all given. */
  readonly first: number
  readonly mutations: Mutation[] = []
  readonly keys = new Set<string>()
  bytes = 0

  constructor(first: number) {
    this.first = first
  }

  get isFull(): boolean {
    return this.mutations.length >= BATCH_ROWS || this.bytes >= BATCH_BYTES
  }

  add(mutation: Mutation): void {
    this.mutations.push(mutation)
    for (const cell of mutation.cells) this.bytes += cellSize(mutation.row, cell)
  }
}

const keyOf = ({ row }: Mutation): string => asBuffer(row).toString('latin1')
