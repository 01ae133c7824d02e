import type { Change, Plan } from './plan.ts'

const EMPTY: Plan = {
  log: 'append',
  rows: [{ kind: 'write', key: 'a', a: 'old', b: 'old' }],
  writers: [],
  appliers: [],
  limit: 1000,
  loads: [],
  compacts: 0,
  refreshes: [],
  sizes: { page: 1000, matched: 500, acknowledged: 50, compacted: 200 },
  faults: 0,
  upheavals: 0,
  poison: false,
}

const commits = (...changes: readonly Change[]): Plan['writers'][number] =>
  changes.map((change) => ({ statements: [[change]], ends: 'commit' }))

const update: Change = { kind: 'write', key: 'a', a: 'new', b: null }
const remove: Change = { kind: 'delete', key: 'a' }
const insert: Change = { kind: 'write', key: 'a', a: 'again' }

const BOTH: Readonly<Record<string, Partial<Plan>>> = {
  'two appliers, one update': { writers: [commits(update)], appliers: [1, 1] },
  'two appliers, one deletion': { writers: [commits(remove)], appliers: [1, 1] },
  'an applier, deleted and inserted again': { writers: [commits(remove, insert)], appliers: [2] },
  'an applier, two writers': {
    writers: [commits(update), commits({ kind: 'write', key: 'b', a: 'new' })],
    appliers: [2],
  },
  'a load, an applier, one update': { writers: [commits(update)], appliers: [1], loads: [1000] },
  'a load, an applier, one deletion': { writers: [commits(remove)], appliers: [1], loads: [1000] },
  'an applier that dies once or is taken for dead, one update': {
    writers: [commits(update)],
    appliers: [1],
    faults: 1,
  },
}

/** So small that every interleaving can be played, with both ways to keep the log. */
export const SMALL: Readonly<Record<string, Plan>> = Object.fromEntries(
  (['append', 'dedupe'] as const).flatMap((log) =>
    Object.entries(BOTH).map(([name, parts]) => [`${name}, ${log}`, { ...EMPTY, ...parts, log }]),
  ),
)
