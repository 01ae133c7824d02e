import { executeChild, sleep, workflowInfo } from '@temporalio/workflow'
import type { Mapping } from '../model/mapping.ts'
import type { Gate, Limits, SampleSize, VerifyMode, VerifyReport } from '../model/project.ts'
import { isClean } from '../plan/counts.ts'
import { gatesOf, maySwitch, type SwitchState } from '../plan/switchover.ts'
import { ATTRIBUTES, verifyId } from './messages.ts'
import { checks } from './proxies.ts'
import { verifyTable } from './verify-table.ts'

export interface SwitchProject {
  readonly project: string
  readonly tables: readonly SwitchedTable[]
  readonly limits: Limits
  readonly mode: VerifyMode
  readonly sample?: SampleSize
  /** What the project knows; the rest is read here. */
  readonly state: Omit<SwitchState, 'lagSeconds' | 'dead' | 'damage'>
  /** Read the gates, and do nothing else. */
  readonly dryRun: boolean
  /** Number of the verification this switch makes. */
  readonly round: number
}

export interface SwitchedTable {
  readonly mapping: Mapping
  readonly schemaHash: string
  readonly estimate: number
  /** Version of the loaded cells. */
  readonly version: number
}

export interface Switched {
  /** The first reason against it; null when the writers may be moved. */
  readonly because: string | null
  readonly gates: readonly Gate[]
  readonly reports: readonly VerifyReport[]
}

const DRAIN_SECONDS = 60
const QUIET_SECONDS = 2

/** Gates, barrier, drain, one more verification of everything, and the proof that nobody wrote meanwhile. Changes nothing. */
export async function switchOver(input: SwitchProject): Promise<Switched> {
  const { project, tables } = input
  const sources = [...new Set(tables.map(({ mapping }) => mapping.source))]
  const lags = () =>
    Promise.all(
      sources.map((source) => checks(source, `lag of ${source}`).readLag({ project, source })),
    )

  const damage = async (): Promise<string | undefined> => {
    const found = await Promise.all(
      sources.map((source) =>
        checks(source, `triggers of ${source}`).findDamage({ project, source }),
      ),
    )
    return found.find((sentence) => sentence !== null) ?? undefined
  }

  const first = await lags()
  const gates = gatesOf({
    ...input.state,
    lagSeconds: Math.max(0, ...first.map((lag) => lag.seconds)),
    dead: first.reduce((sum, lag) => sum + lag.dead, 0),
    damage: (await damage()) ?? null,
  })
  const refused = (because: string | null): Switched => ({ because, gates, reports: [] })
  const verdict = maySwitch(gates)
  if (!verdict.ready) return refused(verdict.because)
  if (input.dryRun) return refused(null)

  for (const source of sources) {
    const own = tables.filter(({ mapping }) => mapping.source === source)
    const open = await checks(source, `barrier on ${source}`).raiseBarrier({
      project,
      source,
      tables: own,
    })
    if (open !== null) return refused(open)
  }
  const drained = await drain(lags)
  if (drained === null) return refused('writers are still active: the log does not run empty')

  const reports = await Promise.all(tables.map((table) => verify(input, table)))
  const different = reports.filter((report) => !isClean(report)).map((report) => report.table)
  if (different.length > 0)
    return { ...refused(`rows differ in: ${different.join(', ')}`), reports }

  const lost = await damage()
  if (lost !== undefined) return { ...refused(lost), reports }
  const last = await lags()
  const wrote = last.some((lag, i) => lag.changes > 0 || lag.token !== drained[i])
  const because = wrote
    ? 'writers are still active: changes arrived during the last verification'
    : null
  return { because, gates, reports }
}

/** The tokens of logs that were empty and stayed so; null when one did not become quiet in time. */
async function drain(
  lags: () => Promise<readonly { changes: number; token: number }[]>,
): Promise<readonly number[] | null> {
  for (let waited = 0; waited < DRAIN_SECONDS; waited += QUIET_SECONDS) {
    const before = await lags()
    await sleep(QUIET_SECONDS * 1000)
    const after = await lags()
    const quiet = after.every((lag, i) => lag.changes === 0 && lag.token === before[i]?.token)
    if (quiet && before.every((lag) => lag.changes === 0)) return after.map((lag) => lag.token)
  }
  return null
}

const verify = (
  { project, limits, round, mode, sample }: SwitchProject,
  { mapping, schemaHash, estimate, version }: SwitchedTable,
): Promise<VerifyReport> =>
  executeChild(verifyTable, {
    workflowId: verifyId(project, mapping.name, round),
    parentClosePolicy: 'REQUEST_CANCEL',
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    args: [
      {
        ...{ project, mapping, schemaHash, limits, estimate, round, mode, version },
        ...(sample === undefined ? {} : { sample }),
      },
    ],
    staticSummary: `verify ${mapping.name} for ${workflowInfo().workflowId}`,
    typedSearchAttributes: [
      { key: ATTRIBUTES.project, value: project },
      { key: ATTRIBUTES.table, value: mapping.name },
    ],
  })
