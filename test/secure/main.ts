import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startServices } from '../../services/index.ts'
import { makeCertificates } from '../../services/secure/certificates.ts'
import { startKdc } from '../../services/secure/kdc.ts'
import type { Kdc } from '../../services/secure/kdc.ts'
import { SERVICE } from '../../services/secure/kerberos-settings.ts'
import { GROUND_VARIABLE } from './ground.ts'
import type { Ground } from './ground.ts'
import { modesOf } from './modes.ts'
import type { Mode } from './modes.ts'
import { formatReport, formatTable, readReport } from './report.ts'
import type { Report } from './report.ts'

// npm run test:secure [mode...]: the everyday tests of the client, and what must be refused, on a
// server of each kind. Ends with a table; the exit code is 1 when anything failed.
const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const VITEST = join(ROOT, 'node_modules/vitest/vitest.mjs')
const EVERYDAY = ['admin', 'compression', 'markers', 'multi', 'scan', 'write']

const interrupted = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => interrupted.abort(new Error(`Interrupted by ${signal}.`)))
}
const say = (line: string): void => void process.stdout.write(`${line}\n`)

const folder = mkdtempSync(join(tmpdir(), 'longhaul-secure-'))
try {
  process.exitCode = (await everyMode(process.argv.slice(2))) ? 0 : 1
} catch (error) {
  say(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}

async function everyMode(wanted: readonly string[]): Promise<boolean> {
  const { signal } = interrupted
  const certificates = await makeCertificates(subfolder('certificates'), signal)
  const kdc = await startKdc(join(folder, 'kdc'), say, signal)
  try {
    return await chosenModes(wanted, { certificates, kerberos: await kerberosOf(kdc) })
  } finally {
    await kdc.stop()
  }
}

/** Principals of the server, of the tests, and of somebody else. */
async function kerberosOf(kdc: Kdc): Promise<Ground['kerberos']> {
  const server = await kdc.principal(SERVICE)
  const client = await kdc.principal('longhaul')
  await kdc.principal('other/localhost')
  const expired = await kdc.ticket('longhaul', { seconds: 1 })
  const good = await kdc.ticket('longhaul', { seconds: 3600 })
  const unused = await kdc.ticket('longhaul', { seconds: 3500 })
  return { config: kdc.config, keytabs: { server, client }, tickets: { good, expired, unused } }
}

async function chosenModes(wanted: readonly string[], ground: Ground): Promise<boolean> {
  const modes = modesOf(ground)
  const chosen = modes.filter(({ name }) => wanted.length === 0 || wanted.includes(name))
  if (chosen.length === 0) {
    throw new Error(`Known are ${modes.map(({ name }) => `"${name}"`).join(', ')}.`)
  }
  const reports: Report[] = []
  for (const mode of chosen) reports.push(await tryMode(mode, ground))
  for (const line of formatTable(reports)) say(line)
  return reports.every(({ passed, failed }) => failed === 0 && passed > 0)
}

async function tryMode(mode: Mode, ground: Ground): Promise<Report> {
  const { hbase } = await startServices(['hbase'], {
    folder: subfolder(mode.name),
    log: (line) => say(`${mode.name}: ${line}`),
    signal: interrupted.signal,
    hbase: mode.server,
  })
  try {
    const file = join(folder, `${mode.name}.json`)
    await runTests(mode, file, {
      LONGHAUL_HBASE: hbase.address.replace('127.0.0.1', 'localhost'),
      LONGHAUL_TEST_CLIENT: JSON.stringify(mode.client),
      [GROUND_VARIABLE]: JSON.stringify(ground),
      KRB5_CONFIG: ground.kerberos.config,
      KRB5CCNAME: ground.kerberos.tickets.good,
    })
    const report = readReport(mode.name, existsSync(file) ? readFileSync(file, 'utf8') : undefined)
    for (const line of formatReport(report)) say(line)
    return report
  } finally {
    await hbase.stop()
  }
}

function runTests(mode: Mode, file: string, environment: Record<string, string>): Promise<void> {
  const files = [
    ...EVERYDAY.map((name) => `test/hbase/${name}.test.ts`),
    `test/secure/${mode.refusals}.refusals.ts`,
  ]
  for (const name of files) if (!existsSync(join(ROOT, name))) throw new Error(`${name} is gone`)
  const config = ['--config', 'test/secure/vitest.config.ts']
  const reporters = ['--reporter=json', `--outputFile.json=${file}`]
  const child = spawn(process.execPath, [VITEST, 'run', ...config, ...reporters, ...files], {
    cwd: ROOT,
    // The report says it all.
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, TEST_SERVICES: 'hbase', ...environment },
  })
  interrupted.signal.addEventListener('abort', () => child.kill('SIGTERM'), { once: true })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', () => resolve())
  })
}

function subfolder(name: string): string {
  const path = join(folder, name.replaceAll(' ', '-'))
  mkdirSync(path)
  return path
}
