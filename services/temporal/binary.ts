import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cached, intoCache } from '../cache.ts'
import type { Log } from '../contract.ts'
import { firstOf } from '../places.ts'
import type { Place } from '../places.ts'
import { isExecutable, onPath, run } from '../run.ts'

// The version of the CLI that build/go.mod requires; the server inside is 1.31.2.
const VERSION = '1.8.2'
const PACKAGE = 'github.com/temporalio/cli/cmd/temporal'
const MODULE = fileURLToPath(new URL('build/', import.meta.url))
const KEY = `temporal-${VERSION}-${process.platform}-${process.arch}`

export interface TemporalBinary {
  readonly file: string
  readonly version: string
  readonly origin: string
}

export async function findBinary(log: Log, signal: AbortSignal): Promise<TemporalBinary> {
  const places: Place<{ file: string; version: string }>[] = [
    { origin: 'PATH', look: () => probe(onPath('temporal'), signal) },
    { origin: 'cache', look: () => probe(inCache(), signal) },
    { origin: 'Go modules', look: () => build(log, signal) },
  ]
  return firstOf({
    what: 'Temporal',
    places,
    advice:
      'Install the Temporal CLI (https://docs.temporal.io/cli) or Go 1.26, or name a server in LONGHAUL_TEMPORAL_ADDRESS.',
    log,
    signal,
  })
}

function inCache(): string | undefined {
  const folder = cached(KEY)
  return folder && join(folder, 'temporal')
}

async function probe(
  file: string | undefined,
  signal: AbortSignal,
): Promise<{ file: string; version: string } | undefined> {
  if (!file || !isExecutable(file)) return undefined
  const text = await run(file, ['--version'], { signal, timeoutMs: 10_000 })
  const numbers = /version (\S+)(?: \(Server ([^,)\s]+))?/.exec(text)
  const cli = numbers?.[1] ?? 'unknown'
  return { file, version: numbers?.[2] ? `${numbers[2]} (CLI ${cli})` : cli }
}

async function build(
  log: Log,
  signal: AbortSignal,
): Promise<{ file: string; version: string } | undefined> {
  const go = onPath('go', ['/usr/local/go/bin', '/opt/homebrew/bin'])
  if (!go) throw new Error('Go is not installed')
  const folder = await intoCache(KEY, { log, signal }, async (staging) => {
    log('Temporal: fetching its Go modules (the versions and checksums are in go.mod and go.sum)')
    const environment = { CGO_ENABLED: '0', GOFLAGS: '-mod=readonly' }
    const common = { cwd: MODULE, environment, signal }
    // Fetching and compiling apart: silence means a hanging source in the first, work in the second.
    await run(go, ['list', '-deps', '-f', '', PACKAGE], {
      ...common,
      timeoutMs: 600_000,
      silenceMs: 45_000,
    })
    log('Temporal: building it with Go; this happens once and takes some minutes')
    const stamp = `-s -w -X github.com/temporalio/cli/internal/temporalcli.Version=${VERSION}`
    const target = join(staging, 'temporal')
    await run(go, ['build', '-v', '-trimpath', '-ldflags', stamp, '-o', target, PACKAGE], {
      ...common,
      timeoutMs: 3_600_000,
      silenceMs: 900_000,
    })
  })
  return probe(join(folder, 'temporal'), signal)
}
