// node bootstrap.mjs FILE [ARGUMENT...]
// Runs a TypeScript file of this repository; a fresh clone gets its packages first. Plain JavaScript
// without any package, because it runs before there is one.
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = dirname(fileURLToPath(import.meta.url))
const OLDEST = [20, 19]
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']
const LOCK = join(ROOT, '.longhaul', 'installing')

const json = (file) => JSON.parse(readFileSync(join(ROOT, file), 'utf8'))
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

const child = { running: null, signal: null }
for (const signal of SIGNALS) process.on(signal, () => pass(signal))

try {
  const [file, ...rest] = process.argv.slice(2)
  if (file === undefined) throw new Error('Usage: node bootstrap.mjs FILE [ARGUMENT...]')
  requireNode()
  if (!installed()) await alone(async () => installed() || (await install()))
  const script = fileURLToPath(new URL(file, import.meta.url))
  process.exitCode = await run(['--import', import.meta.resolve('tsx'), ...[script, ...rest]]).ended
} catch (error) {
  process.stderr.write(`${error.message}\n`)
  process.exitCode = child.signal === null ? 1 : 128 + constants.signals[child.signal]
}

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return
  throw new Error(`Node ${OLDEST.join('.')} or newer is needed; this is ${process.versions.node}.`)
}

/** Whether node_modules holds what the lock file names; packages of other platforms may be absent. */
function installed() {
  try {
    const wanted = json('package-lock.json').packages
    const present = json('node_modules/.package-lock.json').packages
    return Object.entries(wanted).every(([place, { version, optional }]) => {
      const found = present[place]?.version
      return place === '' || found === version || (optional && found === undefined)
    })
  } catch {
    return false
  }
}

async function install() {
  const began = Date.now()
  process.stderr.write('packages: installing with npm ci, once for this clone\n')
  const npm = process.env.npm_execpath?.endsWith('npm-cli.js')
    ? [process.execPath, process.env.npm_execpath]
    : ['npm']
  const { ended, said } = run(['ci', '--no-audit', '--no-fund'], npm)
  const code = await ended
  if (child.signal !== null) throw new Error('Interrupted while packages were installed.')
  if (code !== 0) {
    const last = said().trim().split('\n').slice(-3).join(' | ')
    throw new Error(`The packages could not be installed: npm ci failed (${code}). ${last}`)
  }
  process.stderr.write(`packages: installed in ${((Date.now() - began) / 1000).toFixed(1)} s\n`)
}

/** Two processes must not install into the same folder at once. */
async function alone(work) {
  mkdirSync(dirname(LOCK), { recursive: true })
  for (let told = false; !locked(); told = true) {
    if (!told) process.stderr.write('packages: another process installs them; waiting\n')
    if (child.signal !== null) throw new Error('Interrupted.')
    await sleep(200)
  }
  try {
    return await work()
  } finally {
    rmSync(LOCK, { force: true })
  }
}

function locked() {
  try {
    writeFileSync(LOCK, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
  }
  try {
    process.kill(Number(readFileSync(LOCK, 'utf8')) || process.pid, 0)
  } catch (error) {
    if (error.code === 'ESRCH') rmSync(LOCK, { force: true })
  }
  return false
}

/** With its own output kept back when a command is given, on our terminal otherwise. */
function run(parameters, [command, ...first] = [process.execPath]) {
  const quiet = command !== process.execPath || first.length > 0
  const running = spawn(command, [...first, ...parameters], {
    cwd: quiet ? ROOT : process.cwd(),
    stdio: quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit',
  })
  child.running = running
  let output = ''
  for (const stream of [running.stdout, running.stderr])
    stream?.on('data', (chunk) => (output = `${output}${chunk}`.slice(-4000)))
  const ended = new Promise((resolve, reject) => {
    running.once('error', (error) => reject(new Error(`${command} does not run: ${error.message}`)))
    running.once('close', (code, signal) => {
      child.running = null
      resolve(code ?? 128 + constants.signals[signal])
    })
  })
  return { ended, said: () => output }
}

/** A terminal sends Ctrl-C to the child as well; there it must not arrive twice. */
function pass(signal) {
  child.signal = signal
  if (signal === 'SIGINT' && process.stdin.isTTY) return
  child.running?.kill(signal)
}
