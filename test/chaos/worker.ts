import { parseArgs } from 'node:util'
import { runWorker } from '../../workers/worker.ts'

/** What the runner tells a worker: at this point of a batch or a load, send yourself this signal. Once. */
export interface Order {
  readonly at: string
  readonly signal: 'SIGKILL' | 'SIGSTOP'
}

/**
 * A worker as users run it, that can be caught at a fail point (activities/context.ts): a process that is killed
 * from outside dies anywhere, hardly ever between two statements.
 */
const { values } = parseArgs({
  options: {
    address: { type: 'string', default: '' },
    connections: { type: 'string', default: '' },
  },
})

let order: Order | null = null
process.on('message', (message) => {
  order = message as Order
})
// Nobody would stop it later
process.on('disconnect', () => process.exit(1))
const stopping = new AbortController()
process.on('SIGTERM', () => stopping.abort())

await runWorker(
  {
    address: values.address,
    namespace: 'default',
    connections: values.connections,
    projects: '.',
    sources: null,
    metricsPort: null,
    logLevel: 'info',
    ready: () => process.stdout.write('ready\n'),
    async reached(point) {
      if (order?.at !== point) return
      const { signal } = order
      order = null
      await new Promise((resolve) => process.send?.({ caught: point }, resolve))
      process.kill(process.pid, signal)
    },
  },
  stopping.signal,
)
