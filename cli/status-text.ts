import type { ProjectStatus, Question, TableProgress } from '../model/project.ts'
import { tooLong } from '../model/lag.ts'
import type { Station } from '../model/stations.ts'
import { shownState, unstableText } from './differing.ts'
import { columns, count, duration, instant, plural } from './numbers.ts'
import { isReady, paceOf, type Busy, type Pace, type Snapshot } from './snapshot.ts'

/** A project as lines of text: how it stands, one line for each table, and what a person can do now. */
export const statusText = (now: Snapshot, before?: Snapshot): string =>
  [
    projectLine(now),
    ...limitLines(now),
    ...tableLines(now, before),
    ...logLines(now),
    ...endLines(now),
    ...questionLines(now),
    ...nextLines(now),
  ].join('\n')

/** `shop  load  running  Tables: 1/3  Lag: 2s (15 changes)  Dead: 0  Elapsed: 2m10s`. */
export function projectLine({ at, status, apply, ended }: Snapshot): string {
  const tables = Object.values(status.tables)
  const complete = tables.filter(({ state }) => COMPLETE[status.phase].includes(state)).length
  const elapsed = (ended?.at ?? at) - status.startedAt
  return [
    status.project,
    status.phase,
    conditionOf(status, ended?.how),
    ...(tables.length === 0 ? [] : [`Tables: ${complete}/${tables.length}`]),
    ...(apply === null
      ? []
      : [
          `Lag: ${duration(apply.lag.seconds)} (${plural(apply.lag.changes, 'change')})`,
          `Applied: ${count(apply.applied)}`,
          `Dead: ${count(apply.lag.dead)}`,
        ]),
    `Elapsed: ${duration(elapsed / 1000)}`,
  ].join('  ')
}

const VERIFIED: readonly TableProgress['state'][] = ['verified', 'sampled', 'counted']

/** The states of tables that have nothing left to do in a phase. */
const COMPLETE: Readonly<Record<ProjectStatus['phase'], readonly TableProgress['state'][]>> = {
  structure: ['waiting'],
  load: ['loaded'],
  apply: ['loaded'],
  verify: VERIFIED,
  switch: VERIFIED,
  done: VERIFIED,
}

const conditionOf = (status: ProjectStatus, ended: string | undefined): string => {
  if (ended !== undefined && ended !== 'completed') return ended
  return status.paused && status.condition === 'running' ? 'paused' : status.condition
}

/** `  goods  loading  7,300/752,865 rows  1.0%  12,340 rows/s  ETA 1m0s`. */
export function tableLines(now: Snapshot, before?: Snapshot): string[] {
  const rows = Object.entries(now.status.tables).map(([name, table]) => {
    const pace = paceOf(table, name, now, before)
    return [
      `  ${name}`,
      shownState(now.status, name),
      rowsText(pace),
      pace.part === null ? '' : `${(pace.part * 100).toFixed(1)}%`,
      pace.rowsPerSecond === null ? '' : `${count(pace.rowsPerSecond)} rows/s`,
      pace.etaSeconds === null ? '' : `ETA ${duration(pace.etaSeconds)}`,
    ]
  })
  // what is said of a few tables must not move the columns of all
  const notes = Object.entries(now.status.tables).map(
    ([name, { error }]) => error ?? now.apply?.halted[name] ?? workText(now, name),
  )
  return columns(rows).map((line, i) => (notes[i] ? `${line}  ${notes[i]}` : line))
}

const rowsText = ({ rows, estimate, part }: Pace): string =>
  part === null && rows > 0 ? plural(rows, 'row') : `${count(rows)}/~${count(estimate)} rows`

const workText = ({ status, busy }: Snapshot, name: string): string | null =>
  busy[name] === undefined ? unstableText(status, name) : busyText(busy[name])

const pushbackText = (why: string): string => `HBase has too much to do (${why})`

const LIMITS: Readonly<Record<Station, string>> = {
  source: 'source',
  worker: 'worker',
  hbase: 'HBase',
  limit: 'its limits',
}

const busyText = ({ readsTarget, limitedBy, waitsFor, pushback, ...busy }: Busy): string =>
  [
    ...(readsTarget ? ['reading HBase'] : []),
    ...(limitedBy ? [`limited by: ${LIMITS[limitedBy]}`] : []),
    ...(waitsFor ? [`waiting for the source: ${waitsFor}`] : []),
    ...(pushback ? [pushbackText(pushback)] : []),
    ...(busy.trouble ? [`tried again: ${busy.trouble}`] : []),
    ...(busy.differences ? [`${plural(busy.differences, 'difference')} so far`] : []),
  ].join('; ')

/** `  Limits: 5,000 rows/s for each range, 30 threads running in the source`. */
function limitLines({ status: { throttle }, ended }: Snapshot): string[] {
  if (throttle === null || ended !== null) return []
  const { rowsPerSecond, threadsRunning, replicationLagSeconds } = throttle
  const limits = [
    ...(rowsPerSecond === null ? [] : [`${count(rowsPerSecond)} rows/s for each range`]),
    ...(threadsRunning === null ? [] : [`${count(threadsRunning)} threads running in the source`]),
    ...(replicationLagSeconds === null
      ? []
      : [`${duration(replicationLagSeconds)} of replication lag`]),
  ]
  return limits.length === 0 ? [] : [`  Limits: ${limits.join(', ')}`]
}

/** What keeps changes from being applied, and logs that grow too long, each with what to do. */
function logLines({ status: { project, paused }, apply, ended }: Snapshot): string[] {
  if (apply === null || ended !== null) return []
  const slow =
    apply.pushback === null
      ? []
      : ['', `Changes are written more slowly: ${pushbackText(apply.pushback)}`]
  const trouble =
    apply.trouble === null
      ? slow
      : ['', `Changes wait in the log, and are tried again by themselves: ${apply.trouble}`]
  const advice = (): string => {
    if (paused || apply.error !== null) return `say longhaul resume ${project}`
    if (apply.trouble !== null) return 'bring back what does not answer'
    if (Object.keys(apply.halted).length > 0) return 'reload the tables that are left out'
    return `they come faster than they are written; slow the load down with longhaul throttle ${project}`
  }
  return [
    ...trouble,
    ...tooLong(apply.lags, apply.logRows).flatMap(([source, { changes, seconds }]) => [
      '',
      `The log of ${source} holds ${plural(changes, 'change')}, more than limits.logRows (${count(apply.logRows)}), the oldest ${duration(seconds)} old: ${advice()}. Nothing is lost while the source has room for it.`,
    ]),
  ]
}

const endLines = ({ ended }: Snapshot): string[] =>
  ended === null || ended.because === null ? [] : ['', `It ${ended.how}: ${ended.because}`]

function questionLines({ at, status: { project, question }, ended }: Snapshot): string[] {
  if (question === null || ended !== null) return []
  const left = (question.deadline - at) / 1000
  return [
    '',
    question.text,
    ...answers(project, question).map((command) => `  ${command}`),
    `Without an answer in ${duration(left)}: ${question.otherwise}.`,
  ]
}

/** The commands that answer a question, one for each option. */
export const answers = (project: string, { id, options }: Question): string[] =>
  options.map((option) => `longhaul answer ${project} ${id} ${option}`)

function nextLines({ status, apply, ended }: Snapshot): string[] {
  if (ended !== null) return []
  const { project, rollbackUntil } = status
  if (rollbackUntil !== null) return wayBackLines(project, rollbackUntil)
  const halted = haltedLines(project, Object.keys(apply?.halted ?? {}))
  const why = [...refusedLines(status, apply), ...halted]
  if (status.paused || apply?.error) return [...why, '', `Go on with: longhaul resume ${project}`]
  if (!isReady(status) || halted.length > 0) return why
  return [
    ...why,
    '',
    'Every table was looked at, and changes are followed. When the application no longer writes:',
    `  longhaul switch ${project} --confirm-writes-stopped`,
  ]
}

const wayBackLines = (project: string, until: number): string[] => [
  '',
  `HBase is the one to use. Until ${instant(until)} that can be taken back, and nothing is applied meanwhile:`,
  `  longhaul rollback ${project} --confirm-writes-stopped`,
  'Then, or when you are sure, all is taken out of the source:',
  `  longhaul release ${project}`,
]

const refusedLines = ({ refused }: ProjectStatus, apply: Snapshot['apply']): string[] => [
  ...(apply?.error ? ['', `Changes are not applied until it is resumed: ${apply.error}`] : []),
  ...(refused === null ? [] : ['', `The last switchover was refused: ${refused}`]),
]

function haltedLines(project: string, halted: readonly string[]): string[] {
  if (halted.length === 0) return []
  return [
    '',
    `Changes are not applied to: ${halted.join(', ')}. The log keeps them. Take a table as it is now:`,
    ...halted.map((name) => `  longhaul reload ${project} ${name}`),
    'or change it back, and go on with:',
    `  longhaul resume ${project}`,
  ]
}
