import { WorkflowNotFoundError, type Client } from '@temporalio/client'
import type { Throttle } from '../model/project.ts'
import type { SourceLoad } from '../sources/source.ts'
import type { ActivityContext } from './context.ts'

/** What all activities of a process share, so that nobody is asked more than once a second. */
export interface Watch {
  /** The limits of a project as its workflow last told them; null when it never did. */
  limits(project: string): Promise<Throttle | null>
  /** What a source has to do; null when it does not say. */
  load(source: string, options: { readonly replicas: boolean }): Promise<SourceLoad | null>
}

const FRESH_MS = 1000
/** Older limits may have been changed since the last reader of the project ended. */
const RECENT_MS = 5000
/** Whoever begins waits this long for the limits of its project, then begins with those it was given. */
const PATIENCE_MS = 3000

/** Asks workflows and sources when somebody wants to know, a second after their last answer at the earliest. */
export function watchOver({ client, source }: Pick<ActivityContext, 'client' | 'source'>): Watch {
  const limits = new Answers((project) => limitsOf(client, project))
  const alone = new Answers(async (name) => (await source(name)).load({ replicas: false }))
  const withReplicas = new Answers(async (name) => (await source(name)).load({ replicas: true }))
  return {
    // Nobody who reads waits for a workflow that is slow to answer
    async limits(project) {
      const answer = limits.fresh(project)
      return limits.last(project, RECENT_MS) ?? (await answer) ?? limits.last(project)
    },
    load: (name, { replicas }) => (replicas ? withReplicas : alone).fresh(name),
  }
}

const limitsOf = (client: Client, project: string): Promise<Throttle | null> =>
  client.connection.withDeadline(Date.now() + PATIENCE_MS, async () => {
    try {
      return await client.workflow.getHandle(`project/${project}`).query('limits')
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return null
      throw error
    }
  })

/** Answers by name. Whoever asks while a question is under way shares its answer; one that fails is none. */
class Answers<Answer> {
  readonly #ask: (name: string) => Promise<Answer | null>
  readonly #asked = new Map<string, { readonly answer: Promise<Answer | null>; until: number }>()
  readonly #last = new Map<string, { readonly answer: Answer; readonly at: number }>()

  constructor(ask: (name: string) => Promise<Answer | null>) {
    this.#ask = ask
  }

  /** The last answer, if it is not older. */
  last(name: string, withinMs = Infinity): Answer | null {
    const last = this.#last.get(name)
    return last !== undefined && performance.now() - last.at <= withinMs ? last.answer : null
  }

  fresh(name: string): Promise<Answer | null> {
    const known = this.#asked.get(name)
    if (known !== undefined && performance.now() < known.until) return known.answer
    const asked = { answer: this.#answer(name), until: Infinity }
    this.#asked.set(name, asked)
    void asked.answer.finally(() => {
      asked.until = performance.now() + FRESH_MS
    })
    return asked.answer
  }

  async #answer(name: string): Promise<Answer | null> {
    try {
      const answer = await this.#ask(name)
      if (answer !== null) this.#last.set(name, { answer, at: performance.now() })
      return answer
    } catch {
      return null
    }
  }
}
