import type { Mapping } from '../model/mapping.ts'
import type {
  Certificate,
  Differing,
  Phase,
  Project,
  ProjectStatus,
  Question,
  TableProgress,
  TableState,
  Throttle,
  VerifyMode,
  VerifyReport,
} from '../model/project.ts'

/** What a project remembers from run to run; plain JSON, because it is the input of the next one. */
export interface ProjectState {
  phase: Phase
  paused: boolean
  question: Question | null
  tables: Record<string, TableProgress>
  /** Set before the capture is installed: a failed attempt may have left objects behind. */
  captured: boolean
  applying: boolean
  /** Limits that were changed since the start. */
  throttling: { -readonly [Name in keyof Throttle]?: Throttle[Name] }
  /** Version of each table's loaded cells. */
  versions: Record<string, number>
  /** Number of the last verification. */
  round: number
  reports: Record<string, VerifyReport>
  found: Record<string, number>
  corrected: Record<string, number>
  /** Tables the next verification is about; null for all. */
  toVerify: readonly string[] | null
  /** How the next verification compares, where it is asked for; else as the project says. */
  verifyMode?: VerifyMode | null
  /** Tables whose differences are to be corrected, in place of a verification. */
  toCorrect?: readonly string[] | null
  certificate: Certificate | null
  refused: string | null
  switched: boolean
  /** Until then the switchover can be taken back; null before there is one. */
  rollbackUntil: number | null
  servers: Record<string, string>
  startedAt: number
}

export const newState = (startedAt: number): ProjectState => ({
  phase: 'structure',
  paused: false,
  question: null,
  tables: {},
  captured: false,
  applying: false,
  throttling: {},
  versions: {},
  round: 0,
  reports: {},
  found: {},
  corrected: {},
  toVerify: null,
  certificate: null,
  refused: null,
  switched: false,
  rollbackUntil: null,
  servers: {},
  startedAt,
})

/** Changes what is known of a table. */
export function note(state: ProjectState, name: string, change: Partial<TableProgress>): void {
  const before = state.tables[name]
  if (before !== undefined) state.tables[name] = { ...before, ...change }
}

/** A record without some of its entries. */
export const without = <T>(record: Readonly<Record<string, T>>, names: readonly string[]) =>
  Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)))

export const tablesIn = (state: ProjectState, ...wanted: readonly TableState[]): string[] =>
  Object.entries(state.tables).flatMap(([name, { state }]) =>
    wanted.includes(state) ? [name] : [],
  )

/** Mappings of the tables whose rows were all copied. */
export const loadedTables = (state: ProjectState, spec: Project): readonly Mapping[] =>
  spec.tables.filter(({ name }) => state.versions[name] !== undefined)

export const sourcesOf = (spec: Project): string[] => [
  ...new Set(spec.tables.map((table) => table.source)),
]

export const statusOf = (
  project: string,
  state: ProjectState,
  throttle: Throttle | null,
): ProjectStatus => ({
  project,
  phase: state.phase,
  condition: conditionOf(state),
  paused: state.paused,
  question: state.question,
  tables: state.tables,
  certificate: state.certificate,
  startedAt: state.startedAt,
  throttle,
  refused: state.refused,
  rollbackUntil: state.rollbackUntil,
  differences: differing(state),
})

const differing = (state: ProjectState): Record<string, Differing> =>
  Object.fromEntries(
    tablesIn(state, 'different').flatMap((name): [string, Differing][] => {
      const report = state.reports[name]
      if (report === undefined) return []
      const { missing, different, extra, unstable, differences: list } = report
      return [[name, { missing, different, extra, unstable, list }]]
    }),
  )

const conditionOf = (state: ProjectState): ProjectStatus['condition'] => {
  if (state.switched) return 'switched'
  if (state.phase === 'done') return 'done'
  if (state.question !== null) return 'waiting'
  return state.paused ? 'paused' : 'running'
}
