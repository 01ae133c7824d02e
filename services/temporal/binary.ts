import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cached, intoCache } from '../cache.ts'
import type { Log } from '../contract.ts'
import { download } from '../download.ts'
import { firstOf } from '../places.ts'
import type { Place } from '../places.ts'
import { isExecutable, onPath, run } from '../run.ts'

const PACKAGE = 'github.com/temporalio/cli/cmd/temporal'
// build/go.mod requires the same version; the server inside is 1.31.2.
const DOWNLOADS = fileURLToPath(new URL('downloads.json', import.meta.url))
const VERSION = readDownloads().version
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
    { origin: 'official download', look: () => downloaded(log, signal) },
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
  const [, cli = 'unknown', server] = /version (\S+)(?: \(Server ([^,)\s]+))?/.exec(text) ?? []
  if (isTooOld(cli)) throw new Error(`${file} is ${cli}, older than 1.5`)
  return { file, version: server === undefined ? cli : `${server} (CLI ${cli})` }
}

// Older ones lack options that are needed here; development builds count as 0.0.0.
function isTooOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major < 1 || (major === 1 && minor < 5)
}

interface Downloads {
  readonly version: string
  readonly base: string
  readonly files: Readonly<Record<string, { readonly name: string; readonly sha256: string }>>
}

export function readDownloads(): Downloads {
  return JSON.parse(readFileSync(DOWNLOADS, 'utf8')) as Downloads
}

async function downloaded(
  log: Log,
  signal: AbortSignal,
): Promise<{ file: string; version: string } | undefined> {
  const { base, files } = readDownloads()
  const file = files[`${process.platform}-${process.arch}`]
  if (!file) throw new Error(`there is none for ${process.platform} on ${process.arch}`)
  const folder = await intoCache(KEY, { log, signal }, async (staging) => {
    const target = join(staging, file.name)
    const url = `${process.env['LONGHAUL_TEMPORAL_DOWNLOADS'] ?? base}/${file.name}`
    await download({ url, target, sha256: file.sha256, signal })
    await run('tar', ['-xzf', target, '-C', staging], { signal })
    await rm(target)
  })
  return probe(join(folder, 'temporal'), signal)
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
      silenceMs: 30_000,
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
