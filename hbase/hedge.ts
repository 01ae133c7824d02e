import type { Deadline } from './deadline.ts'

export interface Hedge {
  /** How long one may stay silent before the next is asked too. */
  readonly delayMs: number
  readonly deadline: Deadline
}

/**
 * Asks the first of them, and the next one too whenever one has failed or stayed silent: the first
 * answer wins, what the others say later is dropped. Rejects when all have failed, with the last
 * failure.
 */
export function hedged<Candidate, Answer>(
  candidates: readonly Candidate[],
  { delayMs, deadline }: Hedge,
  ask: (candidate: Candidate) => Promise<Answer>,
): Promise<Answer> {
  return deadline.race<Answer>((resolve, reject) => {
    const waiting = [...candidates]
    let timer: NodeJS.Timeout | undefined
    let failures = 0
    let over = false
    const failed = (error: Error): void => {
      failures++
      if (failures === candidates.length) reject(error)
      else next()
    }
    const next = (): void => {
      clearTimeout(timer)
      const candidate = waiting.shift()
      if (over || candidate === undefined) return
      if (waiting.length > 0) timer = setTimeout(next, delayMs)
      ask(candidate).then(resolve, failed)
    }
    next()
    return () => {
      over = true
      clearTimeout(timer)
    }
  })
}
