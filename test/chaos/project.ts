import { setTimeout as sleep } from 'node:timers/promises'
import type { Phase, ProjectResult, ProjectStatus } from '../../model/project.ts'
import { CONTROL_QUEUE, projectId, projectStatus } from '../../workflows/messages.ts'
import type { SwitchAnswer } from '../../workflows/messages.ts'
import type { Ground } from './ground.ts'

const POLL_MS = 150
const ANSWER_WITHIN_MS = 3_000
/** An update may wait for a drain and a verification. */
const UPDATE_WITHIN_MS = 60_000

/** Whatever fails a run, in one sentence. */
export class ChaosError extends Error {}

/** The project of a run, as an operator sees it while servers come and go. */
export class WatchedProject {
  readonly #ground: Ground
  readonly #end: number
  last: ProjectStatus | undefined

  /** `end` is the deadline of the run, by performance.now(). */
  constructor(ground: Ground, end: number) {
    this.#ground = ground
    this.#end = end
  }

  async start(): Promise<void> {
    const { client, project } = this.#ground
    await client.workflow.start('migrateProject', {
      workflowId: projectId(project.name),
      taskQueue: CONTROL_QUEUE,
      args: [{ project: project.name, spec: project }],
    })
  }

  /** Waits for an answer to the question; throws when the project ends, asks a person, fails a table, or the time is over. */
  async until<Answer>(
    what: string,
    ask: (status: ProjectStatus) => Answer | undefined,
  ): Promise<Answer> {
    while (performance.now() < this.#end) {
      const status = await inTime(this.#handle().query(projectStatus), ANSWER_WITHIN_MS)
      if (status !== undefined) {
        this.last = status
        expectCalm(status)
        const answer = ask(status)
        if (answer !== undefined) return answer
      }
      await this.#expectRunning()
      await sleep(POLL_MS)
    }
    throw new ChaosError(`it hangs: ${what} did not come; ${JSON.stringify(this.last)}`)
  }

  /** A source that is away until then is an answer: whoever has just started a project is told. */
  checked = (): Promise<ProjectStatus> =>
    this.until('the end of the check', (status) =>
      Object.keys(status.tables).length > 0 ? status : undefined,
    )

  reached = (phase: Phase): Promise<ProjectStatus> =>
    this.until(`the phase ${phase}`, (status) =>
      ORDER.indexOf(status.phase) >= ORDER.indexOf(phase) ? status : undefined,
    )

  /** Undefined when no answer came: the servers may be away, and it can be asked again. */
  async update<Answer>(name: string, argument: object): Promise<Answer | undefined> {
    const asked = this.#handle().executeUpdate<Answer, [object]>(name, { args: [argument] })
    return inTime(asked, Math.min(UPDATE_WITHIN_MS, this.#left()))
  }

  /** One verification of everything; the certificate it ends with. */
  async verified(): Promise<NonNullable<ProjectStatus['certificate']>> {
    const before = this.last?.certificate?.issuedAt
    while (this.#left() > 0 && (await this.update('verify', {})) === undefined) await sleep(500)
    return this.until('a new certificate', ({ phase, certificate }) =>
      phase === 'switch' && certificate !== null && certificate.issuedAt !== before
        ? certificate
        : undefined,
    )
  }

  /** Asks again after a refusal that a fault may have caused. */
  async switchOver(): Promise<void> {
    while (this.#left() > 0) {
      const answer = await this.update<SwitchAnswer>('switchOver', { writersStopped: true })
      if (answer?.switched === true || (await this.#hasEnded())) return
      const because = answer?.because ?? ''
      if (/rows differ|dead letter|not verified|failed/.test(because))
        throw new ChaosError(`the switchover was refused: ${because}`)
      await sleep(500)
    }
    throw new ChaosError(`it hangs: no switchover; ${JSON.stringify(this.last)}`)
  }

  async result(): Promise<ProjectResult> {
    while (this.#left() > 0) {
      const ended = this.#handle().result() as Promise<ProjectResult>
      const result = await inTime(ended, Math.min(10_000, this.#left()))
      if (result !== undefined) return result
      await this.#expectRunning()
    }
    throw new ChaosError(`it hangs: the project does not end; ${JSON.stringify(this.last)}`)
  }

  #handle() {
    const { client, project } = this.#ground
    return client.workflow.getHandle(projectId(project.name))
  }

  #left(): number {
    return this.#end - performance.now()
  }

  async #hasEnded(): Promise<boolean> {
    const described = await inTime(this.#handle().describe(), ANSWER_WITHIN_MS)
    return described !== undefined && described.status.name === 'COMPLETED'
  }

  async #expectRunning(): Promise<void> {
    const described = await inTime(this.#handle().describe(), ANSWER_WITHIN_MS)
    const status = described?.status.name ?? 'RUNNING'
    if (['RUNNING', 'CONTINUED_AS_NEW', 'COMPLETED'].includes(status)) return
    throw new ChaosError(`the project ended as ${status}: ${await this.#failure()}`)
  }

  async #failure(): Promise<string> {
    try {
      await this.#handle().result()
      return ''
    } catch (error) {
      let inner = error
      while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause
      return String(inner)
    }
  }
}

const ORDER: readonly Phase[] = ['structure', 'load', 'apply', 'verify', 'switch', 'done']

/** What no fault of ours may lead to. */
function expectCalm({ question, tables, certificate }: ProjectStatus): void {
  if (question !== null) throw new ChaosError(`it asks a person: ${question.text}`)
  for (const [name, { state, error }] of Object.entries(tables))
    if (state === 'failed') throw new ChaosError(`${name} failed: ${error ?? ''}`)
  if (certificate === null) return
  if (certificate.deadLetters > 0) throw new ChaosError(`${certificate.deadLetters} dead letters`)
  for (const { name, differencesFound } of certificate.tables)
    if (differencesFound > 0)
      throw new ChaosError(`the verification found ${differencesFound} differences in ${name}`)
}

/** Undefined when there is no answer in time, or none at all. */
async function inTime<Answer>(
  answer: Promise<Answer>,
  withinMs: number,
): Promise<Answer | undefined> {
  const timer = new AbortController()
  try {
    return await Promise.race([
      answer.catch(() => undefined),
      sleep(withinMs, undefined, { signal: timer.signal }),
    ])
  } finally {
    timer.abort()
  }
}
