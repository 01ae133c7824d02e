import {
  defaultPayloadConverter,
  WorkflowFailedError,
  WorkflowNotFoundError,
  type Client,
  type WorkflowExecutionDescription,
} from '@temporalio/client'
import type { Lag } from '../model/change.ts'
import type { Beat, ProjectResult, ProjectStatus } from '../model/project.ts'
import { lagOf } from '../model/lag.ts'
import { limitOf, type Station } from '../model/stations.ts'
import { ownError } from './failures.ts'
import {
  applyId,
  applyStatus,
  loadStatus,
  projectId,
  projectStatus,
  verifyStatus,
} from './messages.ts'
import { soon } from './temporal.ts'
import type { Applying, Busy, Ended, Snapshot } from './snapshot.ts'

/** Looks at a project and at everything that works for it. Changes nothing. */
export async function look(client: Client, project: string): Promise<Snapshot> {
  const handle = client.workflow.getHandle(projectId(project))
  const described = await handle.describe()
  const [status, apply, busy, ended] = await Promise.all([
    soon(client, () => handle.query(projectStatus)),
    lookAtApply(client, project),
    lookAtBusy(client, project, described),
    endOf(client, described),
  ])
  return { at: Date.now(), status: withEnd(status, ended), apply, busy, ended }
}

/** Query results of a workflow that failed are of the moment before. */
const withEnd = (status: ProjectStatus, ended: Ended | null): ProjectStatus => {
  if (ended === null || ended.how === 'completed') return status
  return { ...status, condition: ended.how === 'failed' ? 'failed' : 'cancelled' }
}

async function lookAtApply(client: Client, project: string): Promise<Applying | null> {
  try {
    const handle = client.workflow.getHandle(applyId(project))
    const status = await soon(client, () => handle.query(applyStatus))
    const { raw } = await handle.describe()
    // what the workflow knows is as old as the last activity that ended, and none ends while the target is away
    const beats = beatsOf<{ source: string; lag: Lag; pushback: string }>(raw, ['applyBatches'])
    const newer = beats.flatMap(({ source, lag }) =>
      source && lag ? [[source, lag] as const] : [],
    )
    const lags = { ...status.lags, ...Object.fromEntries(newer) }
    const pushback = told(beats, 'pushback')
    return { ...status, lags, lag: lagOf(Object.values(lags)), trouble: troubleOf(raw), pushback }
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null
    throw error
  }
}

async function lookAtBusy(
  client: Client,
  project: string,
  { raw }: WorkflowExecutionDescription,
): Promise<Record<string, Busy>> {
  const ids = (raw.pendingChildren ?? []).flatMap(({ workflowId }) => workflowId ?? [])
  const found = await Promise.all(
    ids.map(async (id): Promise<[string, Busy][]> => {
      const stage = new RegExp(`^${projectId(project)}/(load|verify)/`).exec(id)?.[1]
      if (stage !== 'load' && stage !== 'verify') return []
      return lookAtChild(client, id, stage)
    }),
  )
  return Object.fromEntries(found.flat())
}

async function lookAtChild(
  client: Client,
  id: string,
  stage: Busy['stage'],
): Promise<[string, Busy][]> {
  try {
    const handle = client.workflow.getHandle(id)
    const [status, { raw, startTime }] = await Promise.all([
      soon(client, () =>
        handle.query<{ table: string; rows: number; estimate: number; differences?: number }>(
          stage === 'load' ? loadStatus : verifyStatus,
        ),
      ),
      handle.describe(),
    ])
    const { table, rows, estimate, differences = 0 } = status
    const target = targetOf(raw)
    const trouble = troubleOf(raw)
    const limitedBy = limitedByOf(raw)
    if (target !== null) {
      const reading = { limitedBy, waitsFor: null, trouble, readsTarget: true, ...target }
      return [[table, { stage, estimate, differences, ...reading }]]
    }
    const beats = beatsOf<Beat>(raw, RANGE_WORK)
    const inHand = beats.reduce((sum, beat) => sum + (beat.rows ?? 0), 0)
    const since = startTime.getTime()
    const [waitsFor, pushback] = [told(beats, 'waitsFor'), told(beats, 'pushback')]
    const holdup = { limitedBy, waitsFor, pushback }
    return [
      [table, { stage, rows: rows + inHand, estimate, differences, ...holdup, trouble, since }],
    ]
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return [] // it has just ended
    throw error
  }
}

/** How far the target is read, which begins anew when all of the source was. */
function targetOf({
  pendingActivities,
}: WorkflowExecutionDescription['raw']): Pick<Busy, 'rows' | 'since' | 'pushback'> | null {
  const sum = (pendingActivities ?? []).find(
    ({ activityType }) => activityType?.name === 'sumTarget',
  )
  if (sum === undefined) return null
  const started = sum.lastStartedTime ?? sum.scheduledTime
  const { rows = 0, pushback = null } = beatOf<Beat>(sum.heartbeatDetails)
  return {
    rows,
    pushback,
    since: started ? Number(started.seconds) * 1000 : Date.now(),
  }
}

/** What the first of them tells that tells it at all. */
const told = (
  beats: readonly Partial<Pick<Beat, 'waitsFor' | 'pushback'>>[],
  name: 'waitsFor' | 'pushback',
): string | null => beats.find((beat) => beat[name] !== undefined)?.[name] ?? null

/** What limits all that reads rows of a table at this moment. What is to be tried again does nothing meanwhile. */
function limitedByOf({ pendingActivities }: WorkflowExecutionDescription['raw']): Station | null {
  const started = (pendingActivities ?? []).filter(({ state }) => Number(state) === STARTED)
  const beats = beatsOf<Beat>({ pendingActivities: started }, [
    ...RANGE_WORK,
    'sumTarget',
    'verifyKeys',
  ])
  return limitOf(beats.flatMap(({ shares }) => shares ?? []))
}

/** The last heartbeats of what is under way. */
function beatsOf<Told>(
  { pendingActivities }: Pick<WorkflowExecutionDescription['raw'], 'pendingActivities'>,
  activities: readonly string[],
): Partial<Told>[] {
  return (pendingActivities ?? [])
    .filter(({ activityType }) => activities.includes(activityType?.name ?? ''))
    .map(({ heartbeatDetails }) => beatOf<Told>(heartbeatDetails))
}

type Details = NonNullable<
  WorkflowExecutionDescription['raw']['pendingActivities']
>[number]['heartbeatDetails']

function beatOf<Told>(details: Details): Partial<Told> {
  const [payload] = details?.payloads ?? []
  const beat = payload && defaultPayloadConverter.fromPayload<Partial<Told> | null>(payload)
  return beat ?? {}
}

/** No attempt at a server that is away lasts longer; one that does has found it again. */
const HANGS_MS = 150_000

/** Why something is tried again and again; null when nothing is. */
function troubleOf({ pendingActivities }: WorkflowExecutionDescription['raw']): string | null {
  const tried = (pendingActivities ?? []).filter(({ attempt }) => (attempt ?? 1) > 1)
  const failing = tried.find(({ lastStartedTime }) => {
    // not told while it waits for the next attempt
    const startedAt = (lastStartedTime?.seconds?.toNumber() ?? 0) * 1000
    return startedAt === 0 || Date.now() - startedAt < HANGS_MS
  })
  return failing?.lastFailure?.message ?? null
}

/** PENDING_ACTIVITY_STATE_STARTED */
const STARTED = 2

/** Activities whose heartbeats count the rows of a range. */
const RANGE_WORK: readonly string[] = ['copyRange', 'sumRange', 'verifyRange']

const HOW = {
  COMPLETED: 'completed',
  FAILED: 'failed',
  TIMED_OUT: 'failed',
  CANCELLED: 'cancelled',
  TERMINATED: 'terminated',
} as const

async function endOf(
  client: Client,
  { workflowId, runId, status, closeTime }: WorkflowExecutionDescription,
): Promise<Ended | null> {
  const how = status.name in HOW ? HOW[status.name as keyof typeof HOW] : undefined
  if (how === undefined) return null
  const at = closeTime?.getTime() ?? Date.now()
  if (how === 'completed') return { how, at, because: null }
  return { how, at, because: await whyEnded(client, workflowId, runId) }
}

async function whyEnded(client: Client, workflowId: string, runId: string): Promise<string | null> {
  try {
    await client.workflow.getHandle(workflowId, runId).result()
    return null
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error
    const own = ownError(error.cause)
    if (own !== null) return `${own.code}: ${own.message}`
    return deepest(error).message
  }
}

const deepest = (error: Error): Error =>
  error.cause instanceof Error ? deepest(error.cause) : error

/** What a project that ended by itself ended with; null while it runs, or when it ended otherwise. */
export async function resultOf(client: Client, project: string): Promise<ProjectResult | null> {
  try {
    const handle = client.workflow.getHandle(projectId(project))
    const { status } = await handle.describe()
    return status.name === 'COMPLETED' ? ((await handle.result()) as ProjectResult) : null
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null
    throw error
  }
}
