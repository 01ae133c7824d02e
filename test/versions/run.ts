// npm run test:versions [-- VERSION ...]: the client's everyday suite on one HBase after another.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { HBASE_VERSIONS } from '../../services/index.ts'
import { NOTHING, row, tableOf } from './table.ts'
import type { Outcome } from './table.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const VITEST = join(ROOT, 'node_modules/vitest/vitest.mjs')

/** `npm run test:faults` and `npm run test:wire`: they hurt the cluster and the network, not the version. */
const SUITES_OF_THEIR_OWN = ['test/hbase/cluster.test.ts', 'test/hbase/wire/**']

const asked = process.argv.slice(2)
const unknown = asked.filter((version) => !HBASE_VERSIONS.includes(version))
if (unknown.length > 0) {
  process.stderr.write(
    `Not known: ${unknown.join(', ')}. There are ${HBASE_VERSIONS.join(', ')}.\n`,
  )
  process.exit(2)
}

const outcomes: Outcome[] = []
for (const version of asked.length > 0 ? asked : HBASE_VERSIONS)
  outcomes.push(await suiteOn(version))
process.stdout.write(`\n${tableOf(outcomes)}\n`)
process.exitCode = outcomes.every(({ good }) => good) ? 0 : 1

async function suiteOn(version: string): Promise<Outcome> {
  process.stdout.write(`\nHBase ${version}\n`)
  const began = Date.now()
  const folder = mkdtempSync(join(tmpdir(), 'longhaul-versions-'))
  const report = join(folder, 'report.json')
  const exitCode = await vitest(version, report)
  const seconds = (Date.now() - began) / 1000
  try {
    return row({ version, seconds, exitCode, report: readFileSync(report, 'utf8') })
  } catch {
    return { ...NOTHING, version, seconds }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function vitest(version: string, report: string): Promise<number | null> {
  const environment: NodeJS.ProcessEnv = {
    ...process.env,
    LONGHAUL_HBASE_VERSION: version,
    TEST_SERVICES: 'hbase',
  }
  // A server of the user's own would be tested under another version's name.
  delete environment['LONGHAUL_HBASE']
  const child = spawn(
    process.execPath,
    [
      ...[VITEST, 'run', 'test/hbase', '--reporter=dot'],
      ...SUITES_OF_THEIR_OWN.flatMap((path) => ['--exclude', path]),
      ...['--reporter=json', `--outputFile.json=${report}`],
    ],
    { stdio: 'inherit', cwd: ROOT, env: environment },
  )
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => child.kill(signal))
  return new Promise((resolve) => child.once('exit', resolve))
}
