import type { Limits, VerifyMode } from '../model/project.ts'
import type { RollbackAnswer, SwitchAnswer } from './messages.ts'
import type { ProjectState } from './project-state.ts'
import type { Ask } from './question.ts'

/** What the phases of one run share. */
export interface Run {
  readonly project: string
  readonly state: ProjectState
  readonly ask: Ask
  /** As the project file has them; null until it was read. */
  limits: Limits | null
  /** Ids of children that a pause must reach. */
  readonly children: Set<string>
  wish: Wish | null
  releasing: boolean
}

/** What an operator asked of a project that waits for its switchover. */
export type Wish =
  | {
      readonly kind: 'verify'
      readonly tables: readonly string[] | null
      readonly mode: VerifyMode | null
    }
  | { readonly kind: 'correct'; readonly tables: readonly string[] }
  | { readonly kind: 'reload'; readonly tables: readonly string[] }
  | SwitchWish
  | RollbackWish

export interface SwitchWish {
  readonly kind: 'switch'
  readonly writersStopped: boolean
  readonly dryRun: boolean
  answer: SwitchAnswer | null
}

export interface RollbackWish {
  readonly kind: 'rollback'
  readonly writersStopped: boolean
  readonly dryRun: boolean
  answer: RollbackAnswer | null
}
