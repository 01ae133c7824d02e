import { setTimeout as sleep } from 'node:timers/promises'
import { keepEvidence } from './evidence.ts'
import { commit } from './faults.ts'
import type { Scene } from './faults.ts'
import type { FaultPlan, Stage } from './fault-plan.ts'
import { openGround, terminateAll } from './ground.ts'
import { judgeAll } from './judge.ts'
import type { Verdict } from './judge.ts'
import type { Plan } from './plan.ts'
import { ChaosError, WatchedProject } from './project.ts'
import type { Servers } from './servers.ts'
import { write } from './writers.ts'
import type { WriterTally } from './writers.ts'
import { Workers } from './workers.ts'

export interface RunOptions {
  readonly plan: Plan
  readonly servers: Servers
  /** Files of the run; kept by the caller when it fails. */
  readonly folder: string
  readonly log: (line: string) => void
}

export interface Outcome {
  readonly seed: number
  readonly seconds: number
  readonly statements: number
  readonly refused: number
  readonly broken: number
  /** Faults that were done, in their order. */
  readonly faults: readonly string[]
  readonly verdict: Verdict | null
  /** Everything that must not be; a run is green when this is empty. */
  readonly wrong: readonly string[]
}

/** A run takes half a minute where it has a machine for itself. */
const DEADLINE_MS = 480_000
const FEWEST_STATEMENTS = 50

/** One run of a plan. Whatever happens, the ground is left clean and the servers run. */
export async function runOnce({ plan, servers, folder, log }: RunOptions): Promise<Outcome> {
  const began = performance.now()
  const ground = await openGround({ plan, servers, folder })
  const workers = await Workers.open({
    address: servers.temporal.address,
    connections: ground.connections,
    log: ground.workerLog,
  })
  const project = new WatchedProject(ground, began + DEADLINE_MS)
  const tally: WriterTally = { statements: 0, refused: 0, broken: 0, wrong: [] }
  const writing = new AbortController()
  const writers = write({
    plan,
    connect: () => ground.connect(),
    tally,
    going: () => !writing.signal.aborted,
    mayVanish: servers.product === 'mysql' && plan.tables.some(({ parent }) => parent !== null),
  })
  const faults = new Faults({ servers, ground, workers, log }, plan.faults)
  const wrong: string[] = []
  let verdict: Verdict | null = null
  try {
    await workers.start()
    await project.start()
    await project.checked()
    log('installs')
    await faults.enter('install')
    await project.reached('load')
    log('loads')
    await faults.enter('load')
    await project.reached('verify')
    log('verifies')
    await faults.enter('verify')
    await project.reached('switch')
    log('is verified')
    await Promise.all([faults.enter('live'), sleep(plan.liveMs)])
    writing.abort()
    await writers
    log('writers have ended')
    await end(project, faults)
    log('has ended')
    wrong.push(...(await ground.leftovers()).map((what) => `left behind: ${what}`))
    verdict = await judgeAll(servers, ground, plan)
    wrong.push(...verdict.examples)
  } catch (error) {
    if (!(error instanceof ChaosError)) log(String(error instanceof Error ? error.stack : error))
    wrong.push(error instanceof ChaosError ? error.message : String(error))
  } finally {
    writing.abort()
    await writers
    await faults.over()
    await workers.close()
    if (wrong.length > 0) {
      await keepEvidence(servers, ground)
      await terminateAll(ground.client).catch(() => undefined)
    }
  }
  wrong.push(...tally.wrong, ...workers.wrong, ...faults.wrong)
  if (tally.statements < FEWEST_STATEMENTS)
    wrong.push(`the writers wrote only ${tally.statements} statements`)
  if (wrong.length === 0) await ground.close()
  const { statements, refused, broken } = tally
  const seconds = (performance.now() - began) / 1000
  return {
    ...{ seed: plan.seed, seconds, statements, refused, broken },
    ...{ faults: faults.done, verdict, wrong },
  }
}

/** When nobody writes any more: a clean certificate, the switchover, and the end of the project. */
async function end(project: WatchedProject, faults: Faults): Promise<void> {
  const late = faults.enter('switch')
  const first = project.last?.certificate
  // Rows that changed at every look are neither equal nor different: such a certificate is not clean
  const certificate = first?.clean === true ? first : await project.verified()
  if (!certificate.clean) throw new ChaosError('the certificate is not clean though nobody writes')
  await project.switchOver()
  const result = await project.result()
  await late
  if (!result.switched) throw new ChaosError('the project ended without a switchover')
  if (result.certificate?.clean !== true) throw new ChaosError('the last certificate is not clean')
}

/** The faults of a run, one after the other, each in its stage or as soon after it as the others allow. */
class Faults {
  readonly #scene: Scene
  readonly #plans: readonly FaultPlan[]
  #before: Promise<void> = Promise.resolve()
  readonly done: string[] = []
  readonly wrong: string[] = []

  constructor(scene: Scene, plans: readonly FaultPlan[]) {
    this.#scene = scene
    this.#plans = plans
  }

  /** Begins the faults of a stage; resolves when all before and of it are over. */
  enter(stage: Stage): Promise<void> {
    for (const plan of this.#plans.filter((one) => one.stage === stage))
      this.#before = this.#before.then(() => this.#commit(plan))
    return stage === 'live' || stage === 'switch' ? this.#before : Promise.resolve()
  }

  over(): Promise<void> {
    return this.#before
  }

  async #commit(plan: FaultPlan): Promise<void> {
    const { log } = this.#scene
    const where = plan.kind.endsWith('worker') ? ` at ${plan.at}` : ''
    await sleep(plan.afterMs)
    log(`${plan.stage}: ${plan.kind}${where}`)
    try {
      await commit(this.#scene, plan)
      this.done.push(plan.kind)
    } catch (error) {
      this.wrong.push(`"${plan.kind}" could not be done: ${String(error)}`)
    }
  }
}
