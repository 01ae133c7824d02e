import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { openSync, closeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { compileTo } from '../../workers/compile.ts'
import { ROOT } from '../../workers/root.ts'
import type { Point } from './fault-plan.ts'
import type { Order } from './worker.ts'

export interface WorkerOptions {
  /** host:port of Temporal. */
  readonly address: string
  readonly connections: string
  readonly log: string
}

/** How long a point of a batch is waited for; then the worker is caught wherever it is. */
const PATIENCE_MS = 2_000
const READY_WITHIN_MS = 30_000

interface Worker {
  readonly child: ChildProcess
  /** How it ended. */
  readonly gone: Promise<string>
  /** Somebody has killed it, or is about to. */
  doomed: boolean
}

/** The workers of one run. As under every supervisor one is started when none is there. */
export class Workers {
  readonly #options: WorkerOptions
  readonly #program: string
  #all: Worker[] = []
  /** Workers that ended though nobody had killed them. */
  readonly wrong: string[] = []
  started = 0

  private constructor(options: WorkerOptions, program: string) {
    this.#options = options
    this.#program = program
  }

  static async open(options: WorkerOptions): Promise<Workers> {
    return new Workers(
      options,
      await compileTo('chaos-worker.js', join(ROOT, 'test', 'chaos', 'worker.ts')),
    )
  }

  /** Tries again while Temporal is away. */
  async start(): Promise<void> {
    const end = performance.now() + READY_WITHIN_MS
    while (performance.now() < end) {
      const worker = this.#spawn()
      const isReady = await Promise.race([
        worker.gone.then(() => false),
        new Promise<true>((resolve) => worker.child.stdout?.once('data', () => resolve(true))),
      ])
      if (isReady) {
        this.#all.push(worker)
        this.started++
        void worker.gone.then((how) => {
          this.#all = this.#all.filter((one) => one !== worker)
          if (!worker.doomed) this.wrong.push(`a worker ended by itself: ${how}`)
        })
        return
      }
      await sleep(500)
    }
    throw new Error(`No worker became ready within ${READY_WITHIN_MS / 1000} s.`)
  }

  /** Kills the oldest one and starts another after a while. */
  async kill(at: Point, awayMs: number): Promise<void> {
    const worker = this.#oldest()
    worker.doomed = true
    await catchAt(worker, { at, signal: 'SIGKILL' })
    await worker.gone
    await sleep(awayMs)
    await this.start()
  }

  /** Two live workers: the oldest one is stopped, overtaken by another, and wakes up again. */
  async freeze(at: Point, frozenMs: number): Promise<void> {
    const worker = this.#oldest()
    await catchAt(worker, { at, signal: 'SIGSTOP' })
    await this.start()
    await sleep(frozenMs)
    worker.child.kill('SIGCONT')
    await sleep(2_000)
    // What Temporal hands to the polls it had left open is lost until it times out
    worker.doomed = true
    worker.child.kill('SIGKILL')
    await worker.gone
  }

  async close(): Promise<void> {
    for (const worker of this.#all) {
      worker.doomed = true
      worker.child.kill('SIGKILL')
    }
    await Promise.all(this.#all.map(({ gone }) => gone))
  }

  #oldest(): Worker {
    const [worker] = this.#all
    if (worker === undefined) throw new Error('No worker runs.')
    return worker
  }

  #spawn(): Worker {
    const { address, connections, log } = this.#options
    const errors = openSync(log, 'a')
    const child = spawn(
      process.execPath,
      [this.#program, '--address', address, '--connections', connections],
      { stdio: ['ignore', 'pipe', errors, 'ipc'] },
    )
    closeSync(errors)
    const gone = new Promise<string>((resolve) =>
      child.once('exit', (code, signal) => resolve(signal ?? `code ${code ?? ''}`)),
    )
    return { child, gone, doomed: false }
  }
}

/** The worker signals itself at its point; when it does not come there, it is signalled from here. */
async function catchAt({ child, gone }: Worker, order: Order): Promise<void> {
  if (order.at !== 'anywhere') {
    const caught = new Promise<void>((resolve) => child.once('message', () => resolve()))
    child.send(order)
    await Promise.race([caught, gone, sleep(PATIENCE_MS)])
    if (child.connected) child.send({ ...order, at: 'nowhere' } satisfies Order)
  }
  child.kill(order.signal)
}
