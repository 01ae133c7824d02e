import { parseArgs } from 'node:util'
import { SyncError } from '../model/errors.ts'
import { runWorker } from './worker.ts'

const { values } = parseArgs({
  options: {
    address: { type: 'string', default: process.env['TEMPORAL_ADDRESS'] ?? '127.0.0.1:7233' },
    namespace: { type: 'string', default: process.env['TEMPORAL_NAMESPACE'] ?? 'default' },
    connections: { type: 'string', default: 'connections.yaml' },
    projects: { type: 'string', default: '.' },
    sources: { type: 'string' },
    metrics: { type: 'string' },
    log: { type: 'string', default: 'info' },
  },
})

/** Shorter than the 30 s that Kubernetes leaves between asking a process to stop and killing it. */
const STOP_WITHIN_MS = 20_000

const stopping = new AbortController()
function stop(): void {
  if (stopping.signal.aborted) return
  stopping.abort()
  // Temporal's connections wait long, or for ever, for a server that is gone
  setTimeout(killed, STOP_WITHIN_MS).unref()
}

/** The end that needs nobody's help; what was in hand goes on from its last position, as after any kill -9. */
function killed(): void {
  process.stderr.write(
    `The worker has not ended within ${STOP_WITHIN_MS / 1000} s of being told to, as when Temporal does not answer; it kills itself\n`,
  )
  process.kill(process.pid, 'SIGKILL')
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop)
// whoever started us with a channel is gone: nobody would stop us later
process.on('disconnect', stop)

try {
  await runWorker(
    {
      address: values.address,
      namespace: values.namespace,
      connections: values.connections,
      projects: values.projects,
      sources: values.sources?.split(',').filter(Boolean) ?? null,
      metricsPort: values.metrics === undefined ? null : Number(values.metrics),
      logLevel: values.log,
      // one line on stdout, for whoever started us
      ready: () => process.stdout.write(`${JSON.stringify({ ready: true, pid: process.pid })}\n`),
    },
    stopping.signal,
  )
} catch (error) {
  // Temporal's connections would keep a failed process alive
  if (!(error instanceof SyncError)) {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : 'unknown'}\n`)
    process.exit(1)
  }
  process.stderr.write(`${error.message} [${error.code}]\n`)
  process.exit(error.code === 'TEMPORAL_UNREACHABLE' ? 3 : 2)
}
