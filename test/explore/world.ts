import { MemoryCluster } from '../../sinks/memory/cluster.ts'
import { MemorySink } from '../../sinks/memory/sink.ts'
import {
  applier,
  apply,
  compactor,
  loader,
  refresher,
  versionOfLease,
  type Actor,
  type Ends,
} from './actors.ts'
import type { At, Control } from './controls.ts'
import { MemoryDatabase, type Table } from './database.ts'
import { differences, type Differences } from './judge.ts'
import { runOf, settled, type Call } from './network.ts'
import { over } from './over.ts'
import type { Plan } from './plan.ts'
import { hashOf, type Scheduler } from './schedule.ts'
import { mutationsOf } from '../transform/mutations.ts'
import { SpreadSink } from './sink.ts'
import { atOnce, MemorySource, type Run } from './source.ts'
import { MAPPING, PROJECT, TABLE, TRANSFORM } from './table.ts'
import { perform, Writer } from './writers.ts'

export interface Outcome {
  /** Everything that was done, in order. */
  readonly steps: readonly string[]
  /** The same for the same steps, whatever the values were. */
  readonly schedule: number
  readonly found: Differences
}

/** More batches than any of these plans can need. */
const MOST_BATCHES = 200

/**
 * Plays one plan once, drains, and compares. Then whatever is still under way arrives, what could not be written is
 * mended, and it compares again after each.
 */
export async function play(
  plan: Plan,
  scheduler: Scheduler,
  control: Control = {},
): Promise<Outcome> {
  const world = new World(plan, scheduler, control)
  await world.prepare()
  await world.play()
  const schedule = hashOf(world.steps)
  const found = await world.compareDrained()
  if (found.rows > 0) return { steps: world.steps, schedule, found }
  await world.letArrive()
  const later = await world.compareDrained()
  if (later.rows > 0 || !plan.poison) return { steps: world.steps, schedule, found: later }
  await world.mend()
  return { steps: world.steps, schedule, found: await world.compareDrained() }
}

/** The size of a cell that the target takes. */
const MOST_BYTES = 100

/** Somebody who may go on. */
interface Process {
  readonly name: string
  /** Goes on by one step; says what it was. */
  step(): string
}

/** One attempt of one of ours: what it has sent and what was not done yet. */
interface Attempt {
  readonly name: string
  readonly actor: Actor
  readonly calls: Call[]
  finished: boolean
}

class World {
  readonly steps: string[] = []
  private readonly plan: Plan
  private readonly scheduler: Scheduler
  private readonly control: Control
  private readonly database: MemoryDatabase
  private readonly table: Table
  private readonly cluster: MemoryCluster
  private readonly sink: MemorySink
  private readonly writers: readonly Writer[]
  private readonly attempts: Attempt[] = []
  /** What nobody waits for any more. */
  private readonly late: Call[] = []
  private readonly direct: Ends
  private failure: Error | null = null
  private faults: number
  private upheavals: number
  private now = 1_700_000_000_000

  constructor(plan: Plan, scheduler: Scheduler, control: Control) {
    this.plan = plan
    this.scheduler = scheduler
    this.control = control
    this.faults = plan.faults
    this.upheavals = plan.upheavals
    const clock = (): number => this.now
    this.database = new MemoryDatabase(plan.log, clock)
    this.database.create(TABLE)
    this.table = this.database.table(TABLE.name)
    this.cluster = new MemoryCluster({
      now: clock,
      ...(plan.poison ? { maxCellBytes: MOST_BYTES } : {}),
      ...control.cluster,
    })
    this.sink = new MemorySink(this.cluster)
    this.direct = this.ends(atOnce, atOnce)
    this.writers = plan.writers.map(
      (deals, i) => new Writer(`writer ${i + 1}`, this.database, this.table, deals),
    )
  }

  /** Rows are there before the triggers. Without a load, they were loaded before. */
  async prepare(): Promise<void> {
    const { plan } = this
    const { capture, sink } = this.direct
    const transaction = this.database.begin()
    for (const change of plan.rows) perform(transaction, this.table, change)
    transaction.commit()
    await capture.install([TABLE])
    await sink.prepare({ table: MAPPING.target, families: ['f'], owner: PROJECT, splits: [] })
    if (plan.loads.length === 0) {
      const version = await capture.token('load')
      const puts = [...this.table.rows.values()].map((row) =>
        mutationsOf(TRANSFORM).put(row, version),
      )
      const rejected = await sink.write(MAPPING.target, puts, { atomic: false })
      const keys = [...this.table.rows.keys()]
      await capture.bury(
        rejected.map(({ index, reason }) => ({
          table: TABLE.name,
          key: keys[index] ?? '',
          reason,
        })),
      )
    }
    for (const [i, rows] of plan.loads.entries()) this.start(loader(`load ${i + 1}`, rows))
    for (const [i, batches] of plan.appliers.entries())
      this.start(applier(`applier ${i + 1}`, batches, plan.limit))
    if (plan.compacts > 0) this.start(compactor('compactor', plan.compacts))
    if (plan.refreshes.length > 0) this.start(refresher('correction', plan.refreshes))
    await settled()
  }

  /** Until all that ends by itself has ended. */
  async play(): Promise<void> {
    for (let all = this.processes(); all !== null; all = this.processes()) {
      const next = this.scheduler.pick(all)
      this.steps.push(`${next.name}: ${next.step()}`)
      this.now++
      await settled()
      if (this.failure !== null) throw this.failure
    }
    const stuck = this.attempts.find(({ finished }) => !finished)
    if (stuck !== undefined) throw new Error(`${stuck.name} waits for nothing.`)
  }

  /** Applies all that is logged; then every row is as in the source, or known to be a dead letter. */
  async compareDrained(): Promise<Differences> {
    const { capture } = this.direct
    for (let i = 0; (await capture.read(1)).length > 0; i++) {
      if (i === MOST_BATCHES) throw new Error('The log does not become empty.')
      this.now++
      await apply(this.direct, 1000)
    }
    const dead = this.plan.poison ? await capture.dead(MOST_BATCHES) : []
    return differences(this.table, this.cluster, new Set(dead.map(({ key }) => key)))
  }

  async letArrive(): Promise<void> {
    for (let call = this.late.pop(); call !== undefined; call = this.late.pop()) {
      this.steps.push(`after the end: ${call.what}`)
      call.deliver()
      await settled()
    }
  }

  /** Shortens what is too long, and has every dead letter tried once more. */
  async mend(): Promise<void> {
    const { capture } = this.direct
    for (const { key } of await capture.dead(MOST_BATCHES)) {
      const transaction = this.database.begin()
      if (transaction.read(this.table, key) !== null)
        perform(transaction, this.table, { kind: 'write', key, a: 'mended', b: null })
      transaction.commit()
      await capture.enqueue(TABLE.name, [key])
    }
  }

  /** Who can go on; null when nobody is left but what may happen or not. */
  private processes(): Process[] | null {
    const all: Process[] = []
    for (const writer of this.writers) {
      if (writer.done) continue
      if (writer.waitsFor === null) all.push(writer)
      else if (this.isDeadlock(writer)) all.push({ name: writer.name, step: () => writer.giveUp() })
    }
    for (const attempt of this.attempts)
      if (attempt.calls.some(isReady))
        all.push({ name: attempt.name, step: () => this.proceed(attempt) })
    if (all.length === 0) return null
    if (this.late.some(isReady)) all.push({ name: 'late', step: () => this.deliver(this.late) })
    if (this.upheavals > 0) all.push({ name: 'upheaval', step: () => this.upheave() })
    return all
  }

  /** Whether this writer waits, over others, for itself. */
  private isDeadlock(writer: Writer): boolean {
    let holder = writer.waitsFor
    for (let i = 0; i < this.writers.length && holder !== null; i++) {
      const held = holder
      const next = this.writers.find((other) => other.holds(held))
      if (next === writer) return true
      holder = next?.waitsFor ?? null
    }
    return false
  }

  private proceed(attempt: Attempt): string {
    if (this.faults === 0 || !this.scheduler.chance(8)) return this.deliver(attempt.calls)
    this.faults--
    const fault = this.scheduler.choose(3)
    if (fault === 0) {
      const call = this.takeOne(attempt.calls)
      this.late.push(call)
      call.lose()
      return `${call.what}: no answer`
    }
    if (fault === 1) this.kill(attempt)
    this.start(attempt.actor)
    return fault === 1 ? 'is killed and starts again' : 'is taken for dead and starts again'
  }

  /** What it has sent is still under way. */
  private kill(attempt: Attempt): void {
    for (const call of attempt.calls) call.forget()
    this.late.push(...attempt.calls)
    this.attempts.splice(this.attempts.indexOf(attempt), 1)
  }

  private start(actor: Actor): void {
    const before = this.attempts.filter((attempt) => attempt.actor === actor).length
    const name = before === 0 ? actor.name : `${actor.name} again`
    const attempt: Attempt = { name, actor, calls: [], finished: false }
    this.attempts.push(attempt)
    const { calls } = attempt
    actor.run(this.ends(runOf(calls, 'SOURCE_UNREACHABLE'), runOf(calls, 'SINK_UNREACHABLE'))).then(
      () => (attempt.finished = true),
      (error: unknown) => (this.failure = error as Error),
    )
  }

  private upheave(): string {
    this.upheavals--
    if (this.scheduler.choose(3) > 0) {
      this.cluster.compact()
      return 'major compaction'
    }
    this.now += (this.scheduler.choose(5) - 2) * 1000
    return "the source's clock is set"
  }

  private ends(toSource: Run, toSink: Run): Ends {
    const { control, database, cluster } = this
    const source = new MemorySource(database, toSource, this.plan.sizes)
    const capture = source.capture(PROJECT)
    const at: At = { source, capture, database, run: toSource }
    return {
      source:
        control.rows === undefined
          ? source
          : over(source, { rows: over(source.rows, control.rows(at)) }),
      capture: control.capture === undefined ? capture : over(capture, control.capture(at)),
      sink: new SpreadSink(control.sink?.(this.sink, cluster) ?? this.sink, toSink),
      version: () => control.version?.(at) ?? versionOfLease(capture),
      reached: (point) => toSource(point, nothing),
    }
  }

  private deliver(calls: Call[]): string {
    const call = this.takeOne(calls)
    call.deliver()
    return call.what
  }

  /** Any that can be done now. */
  private takeOne(calls: Call[]): Call {
    const ready = calls.filter(isReady)
    const call = ready[ready.length === 1 ? 0 : this.scheduler.choose(ready.length)] as Call
    calls.splice(calls.indexOf(call), 1)
    return call
  }
}

const isReady = (call: Call): boolean => call.ready
const nothing = (): void => undefined
