import { Client, Connection } from '@temporalio/client'
import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker'
import type { ActivityContext } from '../activities/context.ts'
import { createActivities } from '../activities/index.ts'
import { loadConnections } from '../config/connections.ts'
import { SyncError } from '../model/errors.ts'
import { CONTROL_QUEUE, sourceQueue } from '../workflows/messages.ts'
import { addSearchAttributes } from './attributes.ts'
import { workflowBundle } from './bundle.ts'
import { lend } from './context.ts'
import { failures } from './failures.ts'
import { startTelemetry } from './telemetry.ts'

export interface WorkerSettings {
  /** host:port of the Temporal server. */
  readonly address: string
  readonly namespace: string
  /** The connections file. */
  readonly connections: string
  /** Folder of project files. */
  readonly projects: string
  /** Sources this process serves; all of the connections file when null. */
  readonly sources: readonly string[] | null
  readonly metricsPort: number | null
  readonly logLevel: string
  /** Told when every queue is polled. */
  readonly ready?: () => void
  readonly reached?: ActivityContext['reached']
}

/** Activities of one source at a time; its rows go through one process, so more only take turns. */
const SLOTS = 8

/** A worker that was told to stop gives its work back at once, with its position (temporal.md 0.4). */
const GRACE = '0 seconds'

/**
 * Ends no script of a workflow for its time: that clock goes on while the process is frozen (SIGSTOP, a suspended
 * machine), and where it ends a script Node crashes with "async hook stack has become corrupted" (nodejs/node#38503).
 * The SDK has the option but not its type.
 */
const UNHURRIED = { isolateExecutionTimeout: '1 day' }

/** Serves the workflows and the given sources until the signal is aborted. */
export async function runWorker(settings: WorkerSettings, signal: AbortSignal): Promise<void> {
  const connections = await loadConnections(settings.connections)
  const sources = servedSources(settings, [...connections.sources.keys()])
  const telemetry = await startTelemetry({
    metricsPort: settings.metricsPort,
    level: settings.logLevel,
  })
  const { namespace, address } = settings
  const [connection, native, workflows] = await Promise.all([
    reach(address, () => Connection.connect({ address, connectTimeout: '10s' })),
    reach(address, () => NativeConnection.connect({ address })),
    workflowBundle(),
  ])
  await addSearchAttributes(connection, namespace)
  const context = lend({
    connections,
    projects: settings.projects,
    client: new Client({ connection, namespace }),
    meter: telemetry.meter,
    ...(settings.reached === undefined ? {} : { reached: settings.reached }),
  })
  const common = optionsFor(native, namespace, createActivities(context))
  try {
    const workers = await Promise.all([
      Worker.create({
        ...common,
        taskQueue: CONTROL_QUEUE,
        workflowBundle: workflows,
        // after a kill -9 the next workflow task waits for this, not for its 10 s default
        stickyQueueScheduleToStartTimeout: '1 second',
        maxCachedWorkflows: 200,
        // each thread holds the bundle once more; one is enough for what our workflows compute
        workflowThreadPoolSize: 1,
        ...UNHURRIED,
      }),
      ...sources.map((source) =>
        Worker.create({
          ...common,
          taskQueue: sourceQueue(source),
          maxConcurrentActivityTaskExecutions: SLOTS,
        }),
      ),
    ])
    const stop = (): void => {
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown()
    }
    signal.addEventListener('abort', stop, { once: true })
    const running = workers.map((worker) => worker.run())
    telemetry.log.info({ sources, address }, 'worker is ready')
    settings.ready?.()
    if (signal.aborted) stop()
    await Promise.all(running)
  } finally {
    await context.close()
    await native.close()
    await connection.close()
    await telemetry.close()
  }
}

const optionsFor = (
  connection: NativeConnection,
  namespace: string,
  activities: object,
): Omit<WorkerOptions, 'taskQueue'> => ({
  connection,
  namespace,
  activities,
  shutdownGraceTime: GRACE,
  shutdownForceTime: '15 seconds',
  maxHeartbeatThrottleInterval: '1 second',
  defaultHeartbeatThrottleInterval: '1 second',
  interceptors: { activity: [() => ({ inbound: failures })] },
})

function servedSources({ sources }: WorkerSettings, known: readonly string[]): readonly string[] {
  const unknown = (sources ?? []).filter((name) => !known.includes(name))
  if (unknown.length > 0)
    throw new SyncError('SOURCE_UNKNOWN', `${unknown.join(', ')}; it names ${known.join(', ')}`)
  return sources ?? known
}

async function reach<Result>(address: string, connect: () => Promise<Result>): Promise<Result> {
  try {
    return await connect()
  } catch (error) {
    throw new SyncError(
      'TEMPORAL_UNREACHABLE',
      `${address}. Start one with: npm run services -- up temporal`,
      { cause: error },
    )
  }
}
