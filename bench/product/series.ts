import type { Both } from '../figures.ts'
import { measure } from './measure.ts'
import type { Ground, Measured, Round } from './measure.ts'
import type { System } from './system.ts'

/** Two processes, each of which loads twice: ours, theirs, theirs, ours. */
export interface Pair {
  readonly cold: Both<Measured>
  readonly warm: Both<Measured>
  readonly peakMb: Both<number | undefined>
}

export interface Series {
  readonly ground: Ground
  readonly ours: () => Promise<System>
  readonly theirs: () => System
  /** Of a peer that is too slow for all; then nobody compares the cells. */
  readonly theirRows?: number
}

/** All loads of a pair must leave the same cells. */
export async function runPair({ ground, theirRows, ...start }: Series): Promise<Pair> {
  const ours = await start.ours()
  const theirs = start.theirs()
  try {
    const first = await measure(ground, ours)
    const { splits } = first
    const their = { ...ground, rows: theirRows ?? ground.rows }
    const second = await measure(their, theirs, splits)
    const third = await measure(their, theirs, splits)
    const fourth = await measure(ground, ours)
    agree([first, fourth])
    agree([second, third])
    if (theirRows === undefined) agree([first, second])
    return {
      cold: { ours: first.measured, theirs: second.measured },
      warm: { ours: fourth.measured, theirs: third.measured },
      peakMb: { ours: ours.peakMb(), theirs: theirs.peakMb() },
    }
  } finally {
    await Promise.all([ours.close(), theirs.close()])
  }
}

function agree(rounds: readonly Round[]): void {
  const held = new Set(rounds.map(({ held }) => JSON.stringify(held)))
  if (held.size > 1) throw new Error(`The tables do not hold the same: ${[...held].join(' and ')}`)
}
