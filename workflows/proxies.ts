import { proxyActivities, type ActivityOptions } from '@temporalio/workflow'
import type { Activities } from '../activities/index.ts'
import { CONTROL_QUEUE, sourceQueue } from './messages.ts'

// Left out, cancellationType is TRY_CANCEL: the workflow would go on while the activity still writes,
// and the position it reports would be lost.
const SETTLED = { cancellationType: 'WAIT_CANCELLATION_COMPLETED' } as const

const summarised = (summary: string | undefined): ActivityOptions =>
  summary === undefined ? {} : { summary }

/** Short work that touches no source, on the queue of the workflows. */
export const control = () =>
  proxyActivities<Activities>({
    ...SETTLED,
    taskQueue: CONTROL_QUEUE,
    startToCloseTimeout: '1 minute',
    retry: { initialInterval: '1 second', maximumInterval: '30 seconds' },
  })

/** One try whether a worker serves this source: nobody takes it in time -> WORKER_MISSING. */
export const greeting = (source: string) =>
  proxyActivities<Activities>({
    ...SETTLED,
    taskQueue: sourceQueue(source),
    scheduleToStartTimeout: '30 seconds',
    startToCloseTimeout: '2 minutes',
    retry: { initialInterval: '1 second', maximumAttempts: 3 },
    summary: `greet ${source}`,
  })

/** Checks: what they find is an answer for the user, so they do not try for ever. */
export const checks = (source: string, summary?: string) =>
  proxyActivities<Activities>({
    ...SETTLED,
    taskQueue: sourceQueue(source),
    startToCloseTimeout: '15 minutes',
    heartbeatTimeout: '30 seconds',
    retry: { initialInterval: '1 second', maximumInterval: '10 seconds', maximumAttempts: 4 },
    ...summarised(summary),
  })

/** Reads that a running project needs to go on: asked for as long as the source is away. */
export const looks = (source: string, summary?: string) =>
  proxyActivities<Activities>({
    ...SETTLED,
    taskQueue: sourceQueue(source),
    startToCloseTimeout: '15 minutes',
    heartbeatTimeout: '30 seconds',
    retry: { initialInterval: '1 second', maximumInterval: '20 seconds' },
    ...summarised(summary),
  })

/** Creates in source and target; each step is safe to repeat. */
export const ddl = (source: string, summary?: string) =>
  proxyActivities<Activities>({
    ...SETTLED,
    taskQueue: sourceQueue(source),
    startToCloseTimeout: '15 minutes',
    heartbeatTimeout: '30 seconds',
    retry: { initialInterval: '2 seconds', maximumInterval: '1 minute' },
    ...summarised(summary),
  })

/**
 * Moves or reads rows next to the source: long, heartbeating, retried for as long as the project lives.
 * A killed worker's work starts again after heartbeatTimeout + at most 1.8 s (temporal.md 0.3).
 */
export const data = (source: string, summary?: string) =>
  proxyActivities<Activities>({
    ...SETTLED,
    taskQueue: sourceQueue(source),
    startToCloseTimeout: '2 hours',
    heartbeatTimeout: '3 seconds',
    retry: {
      initialInterval: '200 milliseconds',
      backoffCoefficient: 2,
      maximumInterval: '20 seconds',
    },
    ...summarised(summary),
  })

/** Takes back what we put into the source; after a day it is left to a person. */
export const cleanup = (source: string, summary?: string) =>
  proxyActivities<Activities>({
    ...SETTLED,
    taskQueue: sourceQueue(source),
    startToCloseTimeout: '15 minutes',
    heartbeatTimeout: '3 seconds',
    scheduleToCloseTimeout: '24 hours',
    retry: { initialInterval: '2 seconds', maximumInterval: '1 minute' },
    ...summarised(summary),
  })
