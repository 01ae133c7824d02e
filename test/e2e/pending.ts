import type { Client } from '@temporalio/client'
import { defaultPayloadConverter } from '@temporalio/common'

/** An activity that is under way, as Temporal tells. */
export interface Pending {
  readonly activity: string
  readonly attempt: number
  readonly started: boolean
  /** Why the last attempt failed. */
  readonly failure: string | null
  /** The position its last heartbeat told. */
  readonly beat: { readonly rows?: number; readonly at?: string | null } | null
}

export async function pendingOf(client: Client, workflowId: string): Promise<Pending[]> {
  const { raw } = await client.workflow.getHandle(workflowId).describe()
  return (raw.pendingActivities ?? []).map((one) => {
    const [payload] = one.heartbeatDetails?.payloads ?? []
    return {
      activity: one.activityType?.name ?? '',
      attempt: one.attempt ?? 0,
      started: Number(one.state) === 2, // PENDING_ACTIVITY_STATE_STARTED
      failure: one.lastFailure?.message ?? null,
      beat: payload ? defaultPayloadConverter.fromPayload(payload) : null,
    }
  })
}
