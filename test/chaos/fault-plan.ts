import { between, oneOf } from '../faults/random.ts'
import type { Random } from '../faults/random.ts'

/** The stages of a run in which something may happen; `live` is between verification and switchover. */
export const STAGES = ['install', 'load', 'verify', 'live', 'switch'] as const
export type Stage = (typeof STAGES)[number]

/** A place in a batch or a load where the worker is caught, or any place. */
export const POINTS = [
  'anywhere',
  'token',
  'log-read',
  'rows-read',
  'written',
  'acknowledge',
  'load-read',
] as const
export type Point = (typeof POINTS)[number]

export const FAULTS = {
  'kill worker': { weight: 6, seconds: 4 },
  'freeze worker': { weight: 6, seconds: 8 },
  'kill Temporal': { weight: 3, seconds: 6 },
  'kill HBase': { weight: 1, seconds: 15 },
  'stop HBase': { weight: 1, seconds: 15 },
  'kill database': { weight: 2, seconds: 6 },
  'restart database': { weight: 1, seconds: 6 },
  'kill connections': { weight: 4, seconds: 1 },
  flush: { weight: 2, seconds: 1 },
  compact: { weight: 3, seconds: 2 },
  split: { weight: 3, seconds: 2 },
  'reopen regions': { weight: 3, seconds: 3 },
  'fold the log': { weight: 4, seconds: 2 },
} as const
export type FaultKind = keyof typeof FAULTS

export interface FaultPlan {
  readonly stage: Stage
  readonly kind: FaultKind
  /** Since the stage began, or the fault before it was over. */
  readonly afterMs: number
  /** How long something is gone or frozen. */
  readonly awayMs: number
  /** Workers only. */
  readonly at: Point
  /** A number for what is left to choose: a region, a table, connections. */
  readonly choice: number
}

/** What needs tables that are there. */
const LATER: readonly FaultKind[] = ['flush', 'compact', 'split', 'reopen regions', 'fold the log']

/** A run is to be short: what takes long is drawn less often. */
export interface FaultBudget {
  readonly most: number
  /** That they take together, by FAULTS; the first one may take longer. */
  readonly seconds: number
}

export function drawFaults(random: Random, budget: FaultBudget): readonly FaultPlan[] {
  const bag = Object.entries(FAULTS).flatMap(([kind, { weight }]) =>
    Array.from({ length: weight }, () => kind as FaultKind),
  )
  const faults: FaultPlan[] = []
  let seconds = 0
  for (let wanted = between(random, Math.min(2, budget.most), budget.most); wanted > 0; wanted--) {
    const kind = oneOf(random, bag)
    const stage = oneOf(random, LATER.includes(kind) ? STAGES.slice(1) : STAGES)
    const fault: FaultPlan = {
      stage,
      kind,
      afterMs: between(random, 0, 2_500),
      awayMs: kind === 'freeze worker' ? between(random, 3_500, 7_000) : between(random, 0, 2_000),
      at: random() < 0.3 ? 'anywhere' : oneOf(random, pointsOf(stage, kind)),
      choice: between(random, 0, 1_000_000),
    }
    seconds += FAULTS[kind].seconds
    if (seconds <= budget.seconds || faults.length === 0) faults.push(fault)
  }
  return faults.sort((one, other) => STAGES.indexOf(one.stage) - STAGES.indexOf(other.stage))
}

/**
 * Changes are applied when all tables were loaded. Who sleeps between its token and its look at the log has the
 * most to spoil when it wakes.
 */
function pointsOf(stage: Stage, kind: FaultKind): readonly Point[] {
  if (stage === 'install') return ['anywhere']
  if (stage === 'load') return ['load-read']
  const points = POINTS.filter((point) => point !== 'load-read' && point !== 'anywhere')
  return kind === 'freeze worker' ? [...points, 'token', 'token'] : points
}
