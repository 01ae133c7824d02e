import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, openSync, closeSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** A process by number and birth, so that a stranger who got the old number is never signalled. */
export interface ProcessMark {
  readonly pid: number
  readonly born: string
}

export interface Detached {
  readonly command: string
  readonly arguments: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly cwd: string
  readonly logFile: string
}

/** Starts a process in a group of its own, so that Ctrl-C in the terminal does not reach it. */
export function startDetached(what: Detached): Promise<ProcessMark> {
  mkdirSync(dirname(what.logFile), { recursive: true })
  const output = openSync(what.logFile, 'a')
  const child = spawn(what.command, what.arguments, {
    cwd: what.cwd,
    env: { ...process.env, ...what.environment },
    detached: true,
    stdio: ['ignore', output, output],
  })
  closeSync(output)
  child.unref()
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('spawn', () => {
      const pid = child.pid ?? 0
      resolve({ pid, born: birth(pid) })
    })
  })
}

export function isAlive(mark: ProcessMark): boolean {
  return mark.born !== '' && birth(mark.pid) === mark.born
}

/** Sends the signal to the whole group. Nothing happens when the process is gone. */
export function signalGroup(mark: ProcessMark, signal: NodeJS.Signals): void {
  if (!isAlive(mark)) return
  try {
    process.kill(-mark.pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** SIGTERM, then SIGKILL for what is still there after `patienceMs`. */
export async function stopGroup(mark: ProcessMark, patienceMs: number): Promise<void> {
  signalGroup(mark, 'SIGTERM')
  // A stopped process would never see the SIGTERM.
  signalGroup(mark, 'SIGCONT')
  if (await gone(mark, patienceMs)) return
  signalGroup(mark, 'SIGKILL')
  await gone(mark, 10_000)
}

export async function gone(mark: ProcessMark, withinMs: number): Promise<boolean> {
  const end = Date.now() + withinMs
  while (isAlive(mark)) {
    if (Date.now() > end) return false
    await sleep(20)
  }
  return true
}

/** When the process was started, as text; empty when it is gone or only a zombie without threads. */
export function birth(pid: number): string {
  if (!(pid > 0)) return ''
  return process.platform === 'linux' ? birthFromProc(pid) : birthFromPs(pid)
}

function birthFromProc(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in brackets may hold blanks and brackets of its own.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    // The first thread of a killed process is a zombie at once, while the others may still be
    // dying and hold its ports (proc(5): field 3 is the state, 20 the threads, 22 the start).
    const dead = /^[ZX]/.test(fields[0] ?? 'X') && Number(fields[17]) <= 1
    return dead ? '' : `${boot}/${fields[19] ?? ''}`
  } catch {
    return ''
  }
}

function birthFromPs(pid: number): string {
  try {
    const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
    return line.startsWith('Z') ? '' : line.replace(/^\S+\s+/, '')
  } catch {
    return ''
  }
}
