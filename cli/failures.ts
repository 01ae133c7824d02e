import {
  isGrpcServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client'
import { ApplicationFailure } from '@temporalio/common'
import { ERRORS, SyncError, type ErrorCode } from '../model/errors.ts'

// as gRPC numbers them
const DEADLINE_EXCEEDED = 4
const FAILED_PRECONDITION = 9
const UNAVAILABLE = 14

/**
 * An Update that meets its workflow as it continues as new fails, applied or not (temporal.md 0.10); the same
 * id sent again is applied once.
 */
export const isHiccup = (error: unknown): boolean =>
  error instanceof WorkflowUpdateRPCTimeoutOrCancelledError ||
  grpcOf(error)?.code === FAILED_PRECONDITION ||
  grpcOf(error)?.code === UNAVAILABLE

/** What Temporal's client threw, as an error a person can act on. */
export function explained(error: unknown, about: { address: string; project?: string }): unknown {
  const { address, project = 'this project' } = about
  if (error instanceof WorkflowNotFoundError)
    return new SyncError(
      'PROJECT_UNKNOWN',
      `${project} was never started, or has ended. List those that run with: longhaul status`,
      { cause: error },
    )
  if (error instanceof WorkflowExecutionAlreadyStartedError)
    return new SyncError('PROJECT_RUNNING', `${project}. See it with: longhaul status ${project}`, {
      cause: error,
    })
  if (error instanceof WorkflowUpdateFailedError || error instanceof WorkflowFailedError)
    return ownError(error.cause) ?? error
  return fromServer(error, address, project)
}

function fromServer(error: unknown, address: string, project: string): unknown {
  const said = grpcOf(error)
  if (said === undefined) return error
  const { code, details } = said
  if (code === UNAVAILABLE) return unreachable(address, error)
  if (code === DEADLINE_EXCEEDED || details.includes('no poller'))
    return new SyncError(
      'WORKER_MISSING',
      `nobody answers for ${project}. Start one with: longhaul worker`,
      { cause: error },
    )
  return new Error(`Temporal refused: ${details}`, { cause: error })
}

export const unreachable = (address: string, cause: unknown): SyncError =>
  new SyncError(
    'TEMPORAL_UNREACHABLE',
    `${address}. Name another with --address, or start one with: longhaul services up temporal`,
    { cause },
  )

/** Our own error inside a failure of a workflow; its type is the code. */
export function ownError(cause: unknown): SyncError | null {
  for (let inner = cause; inner instanceof Error; inner = inner.cause)
    if (inner instanceof ApplicationFailure && isCode(inner.type))
      return new SyncError(inner.type, withoutText(inner.type, inner.message), { cause })
  return null
}

const isCode = (type: string | null | undefined): type is ErrorCode =>
  typeof type === 'string' && Object.hasOwn(ERRORS, type)

/** The sentence of the code is said once, whoever said it first. */
const withoutText = (code: ErrorCode, message: string): string =>
  message.startsWith(`${ERRORS[code].text}: `)
    ? message.slice(ERRORS[code].text.length + 2)
    : message

/** What a workflow said when it turned an Update down. */
export const refusal = (error: unknown): string | null =>
  error instanceof WorkflowUpdateFailedError ? (error.cause?.message ?? error.message) : null

const grpcOf = (error: unknown): { code: number; details: string } | undefined => {
  for (let inner = error; inner instanceof Error; inner = inner.cause)
    if (isGrpcServiceError(inner)) return inner
  return undefined
}
