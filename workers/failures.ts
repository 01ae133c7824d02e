import { activityInfo } from '@temporalio/activity'
import { ApplicationFailure, TemporalFailure } from '@temporalio/common'
import type {
  ActivityExecuteInput,
  ActivityInboundCallsInterceptor,
  Next,
} from '@temporalio/worker'
import { SyncError } from '../model/errors.ts'

/** An error we know nothing of is tried this often: a passing fault heals, a bug must not go on for ever. */
const MOST_ATTEMPTS = 12

/** The one place where our errors become Temporal's; activities themselves never catch to rethrow. */
export const failures: ActivityInboundCallsInterceptor = {
  async execute(
    input: ActivityExecuteInput,
    next: Next<ActivityInboundCallsInterceptor, 'execute'>,
  ) {
    try {
      return await next(input)
    } catch (error) {
      throw failureOf(error, activityInfo().attempt)
    }
  },
}

/** Messages of strangers' errors may quote rows or passwords: only what kind of error it was goes on. */
export function failureOf(error: unknown, attempt: number): Error {
  if (error instanceof SyncError)
    return ApplicationFailure.create({
      message: error.message,
      type: error.code,
      nonRetryable: !error.retry,
    })
  if (error instanceof TemporalFailure) return error
  return ApplicationFailure.create({
    message: `Unexpected ${kindOf(error)}`,
    type: 'UNKNOWN',
    nonRetryable: attempt >= MOST_ATTEMPTS,
  })
}

/** Class, code and our own place in the code; never the message. */
export function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return 'error'
  const { code } = error as NodeJS.ErrnoException
  const place = /\(?([\w-]+\/[\w-]+\.[tj]s:\d+)/.exec(error.stack ?? '')?.[1]
  return [error.name, code, place === undefined ? undefined : `at ${place}`]
    .filter((part) => part !== undefined)
    .join(' ')
}
