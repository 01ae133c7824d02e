import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startServices } from '../../services/index.ts'
import { CONTROLS, without } from './controls.ts'
import type { Control } from './controls.ts'
import { copyTo } from './copy.ts'

// npm run test:controls [word]: takes one mechanism after the other out of a copy of the client and
// runs the tests that must notice. Each must be green with it and red without.
const COPIED = [
  'hbase',
  'model',
  'services',
  'test',
  'package.json',
  'tsconfig.json',
  'vitest.config.ts',
]
const LIMIT_MS = 240_000
const NOTICED = 'noticed'

const say = (line: string): void => void process.stdout.write(`${line}\n`)
const interrupted = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupted.abort())

const folder = mkdtempSync(join(tmpdir(), 'longhaul-controls-'))
const { hbase } = await startServices(['hbase'], { folder: join(folder, 'server'), log: say })
try {
  process.exitCode = (await everyControl(process.argv[2] ?? '')) ? 0 : 1
} finally {
  await hbase.stop()
  rmSync(folder, { recursive: true, force: true })
}

async function everyControl(word: string): Promise<boolean> {
  const copy = join(folder, 'copy')
  copyTo(copy, COPIED)
  let sound = true
  for (const control of CONTROLS.filter(({ name }) => name.includes(word))) {
    if (interrupted.signal.aborted) return false
    const { verdict, why } = await verdictOn(copy, control).catch((error: unknown) => ({
      verdict: 'NOT RUN',
      why: String(error),
    }))
    sound &&= verdict === NOTICED
    say(`${verdict.padEnd(12)} ${control.name} (${control.file})`)
    if (why !== undefined) say(`${''.padEnd(12)} ${why}`)
  }
  return sound
}

async function verdictOn(
  copy: string,
  control: Control,
): Promise<{ readonly verdict: string; readonly why: string | undefined }> {
  const before = await firstFailure(copy, control)
  if (before !== undefined) return { verdict: 'RED WITH IT', why: before }
  const why = await withoutIt(copy, control)
  return { verdict: why === undefined ? 'NOT NOTICED' : NOTICED, why }
}

async function withoutIt(copy: string, control: Control): Promise<string | undefined> {
  const path = join(copy, control.file)
  const text = readFileSync(path, 'utf8')
  writeFileSync(path, without(text, control))
  try {
    return await firstFailure(copy, control)
  } finally {
    writeFileSync(path, text)
  }
}

/** The first test that fails, and why; undefined when all pass. One that does not run is an error. */
async function firstFailure(copy: string, { tests, only }: Control): Promise<string | undefined> {
  const vitest = join(copy, 'node_modules/vitest/vitest.mjs')
  const filter = only === undefined ? [] : ['-t', only]
  const child = spawn(process.execPath, [vitest, 'run', ...tests, ...filter], {
    cwd: copy,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TEST_SERVICES: 'hbase', LONGHAUL_HBASE: hbase.address, NO_COLOR: '1' },
    timeout: LIMIT_MS,
    signal: interrupted.signal,
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => (output += String(chunk)))
  await new Promise((resolve, reject) => {
    child.on('close', resolve)
    child.on('error', reject)
  })
  const failed = /Tests {2}.*?\d+ failed/.test(output)
  if (!failed && !/Tests {2}.*?\d+ passed/.test(output)) throw new Error(output.slice(-3000))
  // Several tests may fail for one reason; a file that fails as well does so only because of them.
  const [, name, why = ''] = /^ FAIL {2}(.* > .*)\n(?: FAIL .*\n)*(.*)$/m.exec(output) ?? []
  return failed ? `${name ?? 'a test'}: ${why}` : undefined
}
