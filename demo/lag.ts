import type { Migration } from './run.ts'
import type { Board } from './screen.ts'
import { count } from './text.ts'

/** The row of a board that tells how far apply is behind. */
export const APPLY = 'changes applied'

export const drawLag = (board: Board, { seen }: Migration): void =>
  board.note(
    APPLY,
    `${count(seen.applied)}, lag ${lagText(seen.lag.seconds)}, ${count(seen.lag.changes)} waiting`,
  )

export const lagText = (lagSeconds: number): string => `${lagSeconds.toFixed(1)} s`
