import { PLAYS } from './database.ts'
import { APPLY, drawLag } from './lag.ts'
import { until, type Migration } from './run.ts'
import type { Board } from './screen.ts'

const FORTH = `${PLAYS} MySQL -> HBase`
const BACK = `${PLAYS} HBase -> MySQL`

/** Draws each verification of the large table until all is over: every row forth, then every key back. */
export async function drawRounds(run: Migration, over: () => boolean): Promise<void> {
  const { screen, seen } = run
  const before = seen.working?.id
  const round = { id: before, corrected: false }
  const board: { now: Board | null } = { now: null }
  const total = (): number => seen.status?.tables[PLAYS]?.rows ?? run.options.rows
  const finish = (): void => {
    board.now?.fill(FORTH)
    board.now?.fill(BACK)
    board.now?.close()
    board.now = null
  }
  try {
    await until(run, over, () => {
      const { working, children } = seen
      if (children.some((id) => id.includes('/correct/')) && !round.corrected) {
        finish()
        round.corrected = true
        screen.say('  Rows differ: they are read again from MySQL and written through the log.')
      }
      if (working?.stage !== 'verify' || working.id === before) return
      if (working.id !== round.id) {
        finish()
        round.id = working.id
        const rows = total()
        board.now = screen.board([
          { name: FORTH, total: rows },
          { name: BACK, total: rows },
          { name: APPLY, total: null },
        ])
      }
      if (board.now === null) return
      board.now.set(FORTH, working.rows)
      board.now.set(BACK, working.keys)
      drawLag(board.now, run)
    })
    finish()
  } finally {
    board.now?.close()
  }
}
