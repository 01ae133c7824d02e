// What the three programs under measurement have in common: commands on standard input, one JSON line
// for each on standard output.
//   write TABLE ROWS    scan TABLE    single TABLE COUNT    quit
import { createInterface } from 'node:readline'

/** One pass, measured by the process itself: all of its threads, garbage collection included. */
export interface Pass {
  readonly seconds: number
  readonly cpuSeconds: number
}

export interface Scanned extends Pass {
  readonly rows: number
  readonly sum: number
}

export interface Singles extends Pass {
  readonly p50Ms: number
  readonly p99Ms: number
}

export interface Program {
  write(table: string, rows: number): Promise<void>
  scan?(table: string): Promise<{ readonly rows: number; readonly sum: number }>
  /** One put; awaited before the next one. */
  single?(table: string, row: number): Promise<void>
}

export async function serve(program: Program): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const [command = '', table = '', count = '0'] = line.split(' ')
    if (command === 'quit') break
    const answer = await run(program, command, { table, count: Number(count) })
    process.stdout.write(`${JSON.stringify(answer)}\n`)
  }
  process.exit(0)
}

async function run(
  program: Program,
  command: string,
  { table, count }: { readonly table: string; readonly count: number },
): Promise<Pass> {
  if (command === 'write') {
    return measured(async () => {
      await program.write(table, count)
      return {}
    })
  }
  if (command === 'scan') return measured(async () => (await program.scan?.(table)) ?? {})
  return measured(() => singles(program, table, count))
}

/** What this process used for the work. */
export async function measured<T extends object>(work: () => Promise<T>): Promise<T & Pass> {
  const cpu = process.cpuUsage()
  const began = performance.now()
  const more = await work()
  const seconds = (performance.now() - began) / 1000
  const { user, system } = process.cpuUsage(cpu)
  return { seconds, cpuSeconds: (user + system) / 1e6, ...more }
}

async function singles(program: Program, table: string, count: number) {
  const times = new Float64Array(count)
  for (let i = 0; i < count; i++) {
    const began = performance.now()
    await program.single?.(table, i)
    times[i] = performance.now() - began
  }
  times.sort()
  const at = (share: number) => times[Math.floor(count * share)] ?? 0
  return { p50Ms: at(0.5), p99Ms: at(0.99) }
}
