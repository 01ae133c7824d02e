import { condition, setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow'
import type { Question } from '../model/project.ts'
import { onControl } from './controls.ts'
import { ATTRIBUTES, answer } from './messages.ts'

/** Where a workflow keeps its open question, so that it survives a continue-as-new. */
export interface Asking {
  question: Question | null
}

export type Ask = (question: Omit<Question, 'deadline'>, forSeconds: number) => Promise<string>

/** Questions to a person: durable state with an absolute deadline and a default. Call once, before the first await. */
export function questions(state: Asking): Ask {
  let picked: string | undefined

  onControl(
    answer,
    ({ option }) => {
      picked = option
      return `answered: ${option}`
    },
    ({ questionId, option }) => {
      const open = state.question
      if (open === null) throw new Error('No question is open')
      if (open.id !== questionId) throw new Error(`The open question is ${open.id}`)
      if (!open.options.includes(option))
        throw new Error(`The options are ${open.options.join(', ')}`)
    },
  )

  const chosen = (): string | undefined => picked // set by a handler while we wait

  return async (question, forSeconds) => {
    picked = undefined
    const again = state.question?.id === question.id ? state.question : null
    state.question = again ?? { ...question, deadline: Date.now() + forSeconds * 1000 }
    setCurrentDetails(`> ${question.text} [${question.options.join(' / ')}]`)
    upsertSearchAttributes([{ key: ATTRIBUTES.state, value: 'waiting' }])
    try {
      await condition(
        () => picked !== undefined,
        Math.max(1, state.question.deadline - Date.now()),
        {
          summary: `question ${question.id}`,
        },
      )
    } finally {
      state.question = null
    }
    upsertSearchAttributes([{ key: ATTRIBUTES.state, value: 'running' }])
    return chosen() ?? question.otherwise
  }
}
