import { setTimeout as sleep } from 'node:timers/promises'
import { defaultPayloadConverter, WorkflowNotFoundError, type Client } from '@temporalio/client'
import type { Lag } from '../model/change.ts'
import type { ProjectStatus } from '../model/project.ts'
import {
  applyId,
  applyStatus,
  loadStatus,
  projectId,
  projectStatus,
  verifyStatus,
} from '../workflows/messages.ts'

/** Work on one table that goes on right now. */
export interface Working {
  readonly id: string
  readonly stage: 'load' | 'verify'
  /** Rows of finished ranges and of those in hand. */
  readonly rows: number
  /** Verification only: rows of the target whose keys were looked for in the source. */
  readonly keys: number
}

/** What is known at this moment; members keep their last value while nobody answers. */
export interface Seen {
  status: ProjectStatus | null
  /** How the project's workflow stands: RUNNING, FAILED ... */
  state: string
  /** Ids of the workflows that work for the project. */
  children: readonly string[]
  working: Working | null
  applied: number
  lag: Lag
  /** The oldest a waiting change has been, since the beginning. */
  worstLagSeconds: number
}

/** Also while no worker runs, the server still knows every heartbeat; only queries need a worker. */
const EVERY_MS = 400
const QUERY_EVERY_MS = 800
const ANSWER_MS = 2_000

/** Looks at a project, and at its work on one table, until it ends or the signal aborts. */
export function watch(
  client: Client,
  project: string,
  { table, signal }: { readonly table: string; readonly signal: AbortSignal },
): Seen {
  const seen: Seen = {
    status: null,
    state: 'UNKNOWN',
    children: [],
    working: null,
    applied: 0,
    lag: { changes: 0, seconds: 0, dead: 0, token: 0 },
    worstLagSeconds: 0,
  }
  const rows = new Map<string, number>()
  repeat(EVERY_MS, { seen, signal }, () => describe(client, { seen, project, table, rows }))
  repeat(QUERY_EVERY_MS, { seen, signal }, async () => {
    seen.status = await ask(client, () =>
      client.workflow.getHandle(projectId(project)).query(projectStatus),
    )
  })
  repeat(QUERY_EVERY_MS, { seen, signal }, async () => {
    const id = seen.working?.id
    if (id === undefined) return
    const handle = client.workflow.getHandle(id)
    const status = await ask(client, () =>
      handle.query<{ readonly rows: number }>(
        seen.working?.stage === 'load' ? loadStatus : verifyStatus,
      ),
    )
    rows.set(id, status.rows)
  })
  repeat(QUERY_EVERY_MS, { seen, signal }, () => lookAtApply(client, project, seen))
  return seen
}

interface While {
  readonly seen: Seen
  readonly signal: AbortSignal
}

/** Until the project has ended. */
function repeat(ms: number, { seen, signal }: While, look: () => Promise<void>): void {
  const loop = async (): Promise<void> => {
    while (!signal.aborted && ['UNKNOWN', 'RUNNING', 'CONTINUED_AS_NEW'].includes(seen.state)) {
      await look().catch(() => undefined) // what is known stays known
      await sleep(ms, undefined, { signal, ref: false }).catch(() => undefined)
    }
  }
  void loop()
}

const ask = <T>(client: Client, question: () => Promise<T>): Promise<T> =>
  client.connection.withDeadline(Date.now() + ANSWER_MS, question)

interface Looking {
  readonly seen: Seen
  readonly project: string
  readonly table: string
  /** Rows of finished ranges by workflow, as last answered. */
  readonly rows: ReadonlyMap<string, number>
}

async function describe(client: Client, looking: Looking): Promise<void> {
  const { seen, project, table, rows } = looking
  const { raw, status } = await client.workflow.getHandle(projectId(project)).describe()
  seen.state = status.name
  let children = (raw.pendingChildren ?? []).flatMap(({ workflowId }) => workflowId ?? [])
  const nested = children.find((id) => id === `${projectId(project)}/switch`)
  if (nested !== undefined) {
    const described = await client.workflow.getHandle(nested).describe()
    const more = described.raw.pendingChildren ?? []
    children = [...children, ...more.flatMap(({ workflowId }) => workflowId ?? [])]
  }
  seen.children = children
  const pattern = new RegExp(`^${projectId(project)}/(load|verify)/${table}(/\\d+)?$`)
  const id = children.find((child) => pattern.test(child))
  const stage = pattern.exec(id ?? '')?.[1]
  if (id === undefined || (stage !== 'load' && stage !== 'verify')) return
  const beats = await heartbeats(client, id)
  const sum = (types: readonly string[]): number =>
    beats.reduce((total, beat) => total + (types.includes(beat.type) ? beat.rows : 0), 0)
  seen.working = {
    id,
    stage,
    rows: (rows.get(id) ?? 0) + sum(['copyRange', 'sumRange', 'verifyRange']),
    keys: sum(['sumTarget', 'verifyKeys']),
  }
}

interface Heartbeat {
  readonly type: string
  readonly rows: number
  readonly applied: number
  readonly lag: Lag | null
}

/** What the activities of a workflow last said; the server keeps it when their worker dies. */
async function heartbeats(client: Client, id: string): Promise<Heartbeat[]> {
  const { raw } = await client.workflow.getHandle(id).describe()
  return (raw.pendingActivities ?? []).map(({ activityType, heartbeatDetails }) => {
    const [payload] = heartbeatDetails?.payloads ?? []
    const said = payload
      ? defaultPayloadConverter.fromPayload<Partial<Heartbeat> | null>(payload)
      : null
    return { ...SILENT, ...said, type: activityType?.name ?? '' }
  })
}

const SILENT = { rows: 0, applied: 0, lag: null }

async function lookAtApply(client: Client, project: string, seen: Seen): Promise<void> {
  const id = applyId(project)
  try {
    // In this order: an activity that ends in between is counted late, but never twice.
    const status = await ask(client, () => client.workflow.getHandle(id).query(applyStatus)).catch(
      () => null,
    )
    const beats = await heartbeats(client, id)
    const applied = (status?.applied ?? 0) + beats.reduce((sum, beat) => sum + beat.applied, 0)
    seen.applied = Math.max(seen.applied, applied)
    seen.lag = beats.find((beat) => beat.lag !== null)?.lag ?? status?.lag ?? seen.lag
    seen.worstLagSeconds = Math.max(seen.worstLagSeconds, seen.lag.seconds)
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error
  }
}
