import { Client, Connection } from '@temporalio/client'
import { randomUUID } from 'node:crypto'
import { SyncError } from '../model/errors.ts'
import { projectId, projectStatus, type Control } from './messages.ts'
import { explained, isHiccup, refusal, unreachable } from './failures.ts'
import { repeat } from './repeat.ts'

/** Which Temporal server, and which of its namespaces. */
export interface Server {
  readonly address: string
  readonly namespace: string
}

/** Work with a client, given back afterwards. What it throws is told as an error a person can act on. */
export async function withClient<T>(
  { address, namespace }: Server,
  project: string | undefined,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  let connection: Connection | undefined
  try {
    connection = await connect(address)
    return await work(new Client({ connection, namespace }))
  } catch (error) {
    throw explained(error, { address, ...(project === undefined ? {} : { project }) })
  } finally {
    await connection?.close()
  }
}

async function connect(address: string): Promise<Connection> {
  try {
    return await Connection.connect({ address, connectTimeout: '3 seconds' })
  } catch (error) {
    throw unreachable(address, error)
  }
}

/** A query is answered by a worker; without one it would wait for a long time. */
const ANSWER_MS = 10_000

/** What a worker answers, or the error that none does. */
export const soon = <T>(client: Client, ask: () => Promise<T>): Promise<T> =>
  client.connection.withDeadline(Date.now() + ANSWER_MS, ask)

/** Throws WORKER_MISSING when nobody would do what is put into a queue; it would wait there for ever. */
export async function expectWorker(client: Client, queue: string): Promise<void> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: queue },
  })
  if (pollers.length === 0)
    throw new SyncError('WORKER_MISSING', 'none is running. Start one with: longhaul worker')
}

/** How long the same Update is sent again while its workflow continues as new. */
const PATIENCE = { milliseconds: 10_000, pause: 500 }

/** Sends a control to a project and waits for its answer; throws `refused` when the project turns it down. */
export async function tell<Argument, Answered>(
  client: Client,
  project: string,
  { control, argument }: { control: Control<Argument, Answered>; argument: Argument },
  refused: (because: string) => Error,
): Promise<Answered> {
  const handle = client.workflow.getHandle(projectId(project))
  // an Update would wait for a worker for ever; a query tells that there is one
  await soon(client, () => handle.query(projectStatus))
  const updateId = randomUUID()
  try {
    return await repeat(
      () => handle.executeUpdate(control.update, { updateId, args: [argument] }),
      isHiccup,
      PATIENCE,
    )
  } catch (error) {
    const because = refusal(error)
    throw because === null ? error : refused(because)
  }
}
