import http from 'node:http'
import { DefaultLogger, Runtime, type LogLevel } from '@temporalio/worker'
import pino, { type Logger } from 'pino'
import { Counter, Gauge, Registry, collectDefaultMetrics } from 'prom-client'
import type { Meter } from '../activities/context.ts'
import { kindOf } from './failures.ts'

export interface Telemetry {
  readonly log: Logger
  readonly meter: Meter
  close(): Promise<void>
}

const LEVELS: Record<LogLevel, pino.Level> = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
}

/**
 * JSON lines on stderr and, with a port, one page for Prometheus: /metrics holds ours and what Temporal's core
 * counts; /healthz answers when the process does. Once per process, before anything of Temporal is opened.
 */
export async function startTelemetry(options: {
  readonly metricsPort: number | null
  readonly level: string
}): Promise<Telemetry> {
  const log = pino(
    { level: options.level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination(2),
  )
  const corePort = options.metricsPort === null ? null : await freePort()
  Runtime.install({
    logger: temporalLogger(log),
    shutdownSignals: [],
    telemetryOptions: {
      logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} },
      ...(corePort === null
        ? {}
        : {
            metrics: {
              prometheus: {
                bindAddress: `127.0.0.1:${corePort}`,
                countersTotalSuffix: true,
                unitSuffix: true,
                useSecondsForDurations: true,
              },
            },
          }),
    },
  })
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const meter = meterOn(registry, log)
  const server =
    options.metricsPort === null || corePort === null
      ? null
      : await serve(registry, options.metricsPort, corePort)
  return {
    log,
    meter,
    close: () =>
      new Promise((resolve) => {
        if (server === null) resolve()
        else server.close(() => resolve())
      }),
  }
}

// Errors are logged by their kind alone: their messages may quote rows.
const temporalLogger = (log: Logger): DefaultLogger =>
  new DefaultLogger('INFO', ({ level, message, meta }) => {
    const { error, ...rest } = (meta ?? {}) as Record<string, unknown>
    const fields = Object.fromEntries(
      Object.entries(rest)
        .filter(([name]) => name !== 'taskToken')
        .map(([name, value]) => [name, typeof value === 'bigint' ? String(value) : value]),
    )
    log[LEVELS[level]](
      { ...fields, ...(error === undefined ? {} : { error: safe(error) }) },
      message,
    )
  })

/** Failures we made ourselves carry a safe sentence; of all others only the kind is told. */
function safe(error: unknown): string {
  for (let inner = error; inner instanceof Error; inner = inner.cause)
    if (inner.name === 'ApplicationFailure') return inner.message
  return kindOf(error)
}

function meterOn(registry: Registry, log: Logger): Meter {
  const rows = new Counter({
    name: 'longhaul_rows_total',
    help: 'Rows loaded, changes applied, rows verified',
    labelNames: ['stage', 'table'],
    registers: [registry],
  })
  const stations = new Counter({
    name: 'longhaul_station_seconds_total',
    help: 'Seconds that ranges, or batches of changes, waited for the source, computed, waited for HBase, or waited on purpose',
    labelNames: ['stage', 'table', 'station'],
    registers: [registry],
  })
  const lag = new Gauge({
    name: 'longhaul_lag_seconds',
    help: 'Age of the oldest change not applied yet',
    labelNames: ['source'],
    registers: [registry],
  })
  const waiting = new Gauge({
    name: 'longhaul_log_table_rows',
    help: 'Changes in the log table that are not applied yet',
    labelNames: ['source'],
    registers: [registry],
  })
  const alarm = new Gauge({
    name: 'longhaul_log_alarm',
    help: '1 while the log table holds more rows than limits.logRows',
    labelNames: ['source'],
    registers: [registry],
  })
  const pushback = new Counter({
    name: 'longhaul_pushback_seconds_total',
    help: 'Seconds that calls to HBase waited because its servers had too much to do',
    labelNames: ['table'],
    registers: [registry],
  })
  return {
    rows: (stage, table, count) => rows.inc({ stage, table }, count),
    station: (stage, table, station, seconds) => stations.inc({ stage, table, station }, seconds),
    pushback: (table, seconds) => pushback.inc({ table }, seconds),
    lag(source, { seconds, changes }, limit) {
      lag.set({ source }, seconds)
      waiting.set({ source }, changes)
      alarm.set({ source }, changes > limit ? 1 : 0)
    },
    findings(findings) {
      for (const { code, about, text } of findings) log.warn({ code, about }, text)
    },
  }
}

async function serve(registry: Registry, port: number, corePort: number): Promise<http.Server> {
  const server = http.createServer((request, response) => {
    void answer(registry, corePort, request.url ?? '/').then(([status, type, body]) =>
      response.writeHead(status, { 'content-type': type }).end(body),
    )
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  server.unref()
  return server
}

async function answer(
  registry: Registry,
  corePort: number,
  url: string,
): Promise<[status: number, type: string, body: string]> {
  if (url === '/healthz') return [200, 'text/plain', 'ok\n']
  if (url !== '/metrics') return [404, 'text/plain', 'Try /metrics or /healthz\n']
  const core = await fetch(`http://127.0.0.1:${corePort}/metrics`)
    .then((response) => response.text())
    .catch(() => '')
  const gap = core === '' || core.endsWith('\n') ? '' : '\n'
  return [200, registry.contentType, core + gap + (await registry.metrics())]
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = http.createServer().once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
