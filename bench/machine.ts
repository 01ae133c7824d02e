// What the machine does besides; from /proc, so on Linux only, and left out elsewhere.
import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'

/** Ticks per second of /proc (USER_HZ, 100 on every Linux Node runs on). */
const TICKS = 100

export const describeMachine = (): string => {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor'
  return `${availableParallelism()} cores of ${model}, ${Math.round(totalmem() / 2 ** 30)} GB`
}

export const load = (): number => loadavg()[0] ?? 0

/** The peak of a process's resident memory. */
export function peakMb(pid: number): number | undefined {
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`))?.[1]
  return kilobytes === undefined ? undefined : Number(kilobytes) / 1024
}

/** Seconds all cores have worked, and seconds the given processes have. */
export interface Work {
  readonly all: number
  readonly own: number
  readonly at: number
}

export function workOf(pids: readonly number[]): Work {
  const [, user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] =
    read('/proc/stat').split('\n', 1)[0]?.split(/\s+/).map(Number) ?? []
  const own = pids.reduce((sum, pid) => sum + ticksOf(pid), 0)
  return { all: (user + nice + system + irq + softirq) / TICKS, own: own / TICKS, at: Date.now() }
}

/** The share of the machine that others had meanwhile, 0 to 1. */
export function foreign(before: Work, after: Work): number {
  const seconds = ((after.at - before.at) / 1000) * availableParallelism()
  const others = after.all - before.all - (after.own - before.own)
  return Math.max(0, others / seconds)
}

/** Seconds of processor time a process has had, all of its threads. */
export const cpuSeconds = (pid: number): number => ticksOf(pid) / TICKS

function ticksOf(pid: number): number {
  const text = read(`/proc/${pid}/stat`)
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return Number(fields[11] ?? 0) + Number(fields[12] ?? 0)
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
