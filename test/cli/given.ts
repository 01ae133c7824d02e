import type { Busy, Snapshot } from '../../cli/snapshot.ts'
import type { Certificate, ProjectStatus, TableProgress } from '../../model/project.ts'

export const T0 = Date.UTC(2026, 10, 21, 12, 0, 0)

export const table = (change: Partial<TableProgress> = {}): TableProgress => ({
  state: 'waiting',
  rows: 0,
  estimate: 1000,
  schemaHash: '0123456789abcdef',
  ...change,
})

export const busy = (change: Partial<Busy> = {}): Busy => ({
  stage: 'load',
  rows: 0,
  estimate: 1000,
  differences: 0,
  limitedBy: null,
  waitsFor: null,
  pushback: null,
  trouble: null,
  since: T0,
  ...change,
})

/** A project ten seconds after its start, one that loads nothing yet. */
export const snapshot = (
  status: Partial<ProjectStatus> = {},
  rest: Partial<Omit<Snapshot, 'status'>> = {},
): Snapshot => ({
  at: T0 + 10_000,
  apply: null,
  busy: {},
  ended: null,
  ...rest,
  status: {
    project: 'shop',
    phase: 'load',
    condition: 'running',
    paused: false,
    question: null,
    tables: {},
    certificate: null,
    startedAt: T0,
    throttle: null,
    refused: null,
    rollbackUntil: null,
    ...status,
  },
})

export const certificate = (change: Partial<Certificate> = {}): Certificate => ({
  project: 'shop',
  issuedAt: '2026-11-21T12:10:00.000Z',
  clean: true,
  tables: [
    {
      name: 'goods',
      from: 'shop.goods',
      to: 'shop:goods',
      rows: 1_000_000,
      cells: 5_000_000,
      digest: 'a1b2c3d4e5f60718',
      covered: '-inf .. +inf in 10 ranges',
      mode: 'points',
      differencesFound: 3,
      differencesCorrected: 3,
      tokens: [1_763_726_400_000, 1_763_726_401_000],
      verifiedAt: '2026-11-21T12:09:59.000Z',
      schemaHash: '0123456789abcdef0123',
      clean: true,
    },
  ],
  servers: { shop: 'MySQL 9.7.4', main: 'HBase 2.6.4' },
  deadLetters: 0,
  digest: 'f'.repeat(64),
  ...change,
})
