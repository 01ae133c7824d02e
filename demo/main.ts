import { mkdir, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { closing } from './closing.ts'
import { keepLogs } from './logs.ts'
import { guide } from './guide.ts'
import { stopKept } from './keep.ts'
import { readOptions, USAGE, type DemoOptions } from './options.ts'
import { openScreen } from './screen.ts'
import { ROOT } from './worker.ts'

/** As shells count: 128 and the number of SIGINT. */
const INTERRUPTED = 130

async function main(args: readonly string[]): Promise<number> {
  const options = parse(args)
  if (typeof options === 'number') return options
  if (options.stop === null) return await demo(options)
  try {
    await stopKept(resolve(options.stop), (line) => process.stdout.write(`${line}\n`))
    return 0
  } catch (error) {
    return complain(error)
  }
}

function parse(args: readonly string[]): DemoOptions | number {
  try {
    const options = readOptions(args)
    if (options !== null) return options
    process.stdout.write(USAGE)
    return 0
  } catch (error) {
    complain(error)
    return 2
  }
}

/** Whatever happens, what was started is stopped before this returns; unless it went well and is to be kept. */
async function demo(options: DemoOptions): Promise<number> {
  const began = new Date().toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-')
  const folder = join(ROOT, '.demo', `${began}-${process.pid}`)
  const end = new AbortController()
  // The same Ctrl-C may arrive more than once: from the terminal and from npm.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(name, () => end.abort(new Error(`Interrupted by ${name}`)))
  const screen = openScreen()
  const open = closing()
  let kept = false
  try {
    await mkdir(folder, { recursive: true })
    open.add(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
    const { signal } = end
    const fail = (error: Error): void => end.abort(error)
    const agreed = await Promise.race([
      guide({ options, folder, screen, closing: open, signal, fail }),
      aborted(signal),
    ])
    kept = options.keep
    return agreed ? 0 : 1
  } catch (error) {
    screen.close()
    const interrupted = end.signal.aborted && String(end.signal.reason).includes('Interrupted')
    complain(end.signal.aborted ? end.signal.reason : error)
    if (interrupted) return INTERRUPTED
    const logs = await keepLogs(folder)
    if (logs !== null)
      process.stderr.write(`What the servers and the worker said is kept in ${logs}\n`)
    return 1
  } finally {
    screen.close()
    if (!kept) await open.close()
  }
}

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })

function complain(error: unknown): 1 {
  const message = error instanceof Error ? error.message : String(error)
  process.stderr.write(`${message}\n`)
  if (process.env['LONGHAUL_DEBUG'] === '1' && error instanceof Error)
    process.stderr.write(`${error.stack ?? ''}\n`)
  return 1
}

// Nothing is left to wait for; a step that was cut short may still hold a connection.
process.exit(await main(process.argv.slice(2)))
