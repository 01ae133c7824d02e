import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { runningServices, startServices } from '../../services/index.ts'
import type { RunningService } from '../../services/index.ts'

const MAIN = new URL('../../services/main.ts', import.meta.url).pathname
const TSX = ['--import', 'tsx']
const root = new URL('../..', import.meta.url).pathname
const log = (): void => undefined
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longhaul-up-'))
})

afterAll(async () => {
  for (const name of ['one', 'two', 'cut']) {
    for (const service of await runningServices(join(folder, name))) await service.stop()
  }
  await rm(folder, { recursive: true, force: true })
})

type Shown = Record<string, Pick<RunningService, 'pid' | 'port' | 'user' | 'password'>>

async function services(...args: string[]): Promise<string> {
  const run = promisify(execFile)
  return (await run(process.execPath, [...TSX, MAIN, ...args], { cwd: root })).stdout
}

async function json(...args: string[]): Promise<Shown> {
  return JSON.parse(await services(...args, '--json')) as Shown
}

/** Every process whose command line names the folder. */
async function processesIn(where: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'pid=,stat=,args='])
  const lines = stdout.split('\n').filter((line) => line.includes(where))
  return lines.filter((line) => !/^\s*\d+ Z/.test(line))
}

describe('two folders side by side', () => {
  test('up starts, up again reuses, down stops its own and nothing else', async () => {
    const [one, two] = [join(folder, 'one'), join(folder, 'two')]
    const [first, other] = await Promise.all([
      json('up', 'temporal', 'mysql', '--folder', one),
      json('up', 'mysql', '--folder', two),
    ])
    expect(first['mysql']?.port).not.toBe(other['mysql']?.port)
    expect(first['mysql']?.password).not.toBe(other['mysql']?.password)
    expect(await json('up', 'mysql', '--folder', one)).toMatchObject({ mysql: first['mysql'] })

    expect(await processesIn(one)).toHaveLength(2)
    await services('down', '--folder', one)
    expect(await processesIn(one)).toEqual([])
    expect(await json('status', '--folder', one)).toEqual({})
    expect(Object.keys(await json('status', '--folder', two))).toEqual(['mysql'])
    await services('down', '--folder', two)
    expect(await processesIn(two)).toEqual([])
  })
})

describe('a server', () => {
  test('keeps ports and password over kill, restart, and a stale state file', async () => {
    const where = join(folder, 'two')
    const { mysql } = await startServices(['mysql'], { folder: where, log })
    const { pid, port, password } = mysql
    await mysql.kill('SIGKILL')
    expect(await runningServices(where)).toEqual([])
    await mysql.restart()
    expect(mysql).toMatchObject({ port, password })
    expect(mysql.pid).not.toBe(pid)
    await mysql.kill('SIGKILL')
    // The state file of the dead one is still there.
    const again = await startServices(['mysql'], { folder: where, log })
    expect(again.mysql).toMatchObject({ port, password })
    await again.mysql.stop()
    await again.mysql.stop()
    expect(await processesIn(where)).toEqual([])
  })

  test('is not mistaken for a stranger that has its old number', async () => {
    const where = join(folder, 'two')
    const { mysql } = await startServices(['mysql'], { folder: where, log })
    const file = join(where, 'mysql/state.json')
    const state = readFileSync(file, 'utf8')
    await mysql.stop()
    const ours = state.replace(`"pid": ${mysql.pid ?? 0}`, `"pid": ${process.pid}`)
    expect(ours).not.toBe(state)
    await writeFile(file, ours)
    expect(await runningServices(where)).toEqual([])
  })

  test('that the user gave is used, never stopped', async () => {
    const theirs = createServer().listen(0, '127.0.0.1')
    await once(theirs, 'listening')
    const address = `127.0.0.1:${(theirs.address() as AddressInfo).port}`
    vi.stubEnv('LONGHAUL_HBASE', address)
    const { hbase } = await startServices(['hbase'], { folder, log })
    vi.unstubAllEnvs()
    expect(hbase).toMatchObject({ origin: 'given', address })
    await hbase.stop()
    expect(theirs.listening).toBe(true)
    await expect(hbase.kill('SIGKILL')).rejects.toThrow('it is not ours')
    theirs.close()
  })

  test('that was given but does not answer is named with its variable', async () => {
    vi.stubEnv('LONGHAUL_MYSQL', 'mysql://root:x@127.0.0.1:1')
    const started = startServices(['mysql'], { folder, log })
    await expect(started).rejects.toThrow(/LONGHAUL_MYSQL cannot be used/)
    vi.stubEnv('LONGHAUL_TEMPORAL_ADDRESS', '127.0.0.1:1')
    const other = startServices(['temporal'], { folder, log })
    await expect(other).rejects.toThrow(/nothing answers at 127\.0\.0\.1:1/)
    vi.unstubAllEnvs()
  })
})

describe('Ctrl-C', () => {
  test.each([900, 2500])('after %i ms of a start leaves no process', async (delay) => {
    const where = join(folder, 'cut')
    const args = [...TSX, MAIN, 'up', 'temporal', 'mysql', 'hbase', '--folder', where]
    const child = spawn(process.execPath, args, { cwd: root, stdio: 'ignore' })
    const ended = new Promise((resolve) => child.once('exit', resolve))
    await sleep(delay)
    child.kill('SIGINT')
    // npm and tsx pass the terminal's signal on, so it comes twice.
    await sleep(50)
    child.kill('SIGINT')
    await ended
    expect(await processesIn(where)).toEqual([])
    await rm(where, { recursive: true, force: true })
  })
})
