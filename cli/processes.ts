import { fileURLToPath } from 'node:url'
import type { Cli } from './command.ts'
import { EXIT, type ExitCode } from './exit.ts'

/** Commands that hand over to another program: worker and services. */
export function addProcesses(cli: Cli): void {
  addWorker(cli)
  addServices(cli)
}

function addWorker({ program, run }: Cli): void {
  program
    .command('worker')
    .summary('run a worker')
    .description(
      'Run a worker: the process that reads the sources and writes HBase. More of them, on more machines, do more. Ctrl-C stops it at once and nothing is lost.',
    )
    .option('--connections <file>', 'logins of sources and clusters', 'connections.yaml')
    .option('--projects <folder>', 'project files, for projects started by name', '.')
    .option('--sources <names>', 'serve only these sources: a,b')
    .option('--metrics <port>', 'offer Prometheus metrics on this port')
    .option('--log <level>', 'debug, info, warn or error', 'info')
    .action((options) =>
      run(async ({ address, namespace }) => {
        const given = { address, namespace, ...options }
        return serve(toFlags(given))
      }),
    )
}

/** Runs until it is told to stop; Ctrl-C reaches it from the terminal by itself. */
async function serve(flags: readonly string[]): Promise<ExitCode> {
  const { spawnWorker } = await import('../workers/spawn.ts')
  const worker = await spawnWorker(flags, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] })
  process.on('SIGINT', () => undefined)
  process.on('SIGTERM', () => worker.kill('SIGTERM'))
  return new Promise((resolve) =>
    worker.once('exit', (code) => resolve((code ?? EXIT.failed) as ExitCode)),
  )
}

/** `{ sources: 'a,b' }` -> `['--sources', 'a,b']`; what was not given is left out. */
export const toFlags = (options: Readonly<Record<string, string | undefined>>): string[] =>
  Object.entries(options).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, value],
  )

function addServices({ program, run }: Cli): void {
  program
    .command('services')
    .summary('real servers to try it on')
    .description('Start and stop real servers to try longhaul on: Temporal, HBase, MySQL, MariaDB.')
    .argument('[arguments...]', 'up, down, status or fetch, and names of servers')
    .helpOption(false)
    .allowUnknownOption()
    .action((given, _, command) =>
      run(async () => {
        await hand('../services/main.ts', given.length > 0 ? [...command.args] : ['--help'])
        return EXIT.ok
      }),
    )
}

/** The other program runs in this process, as if it had been started by itself. */
async function hand(module: string, args: readonly string[]): Promise<void> {
  process.argv.splice(1, Infinity, fileURLToPath(new URL(module, import.meta.url)), ...args)
  await import(module)
}
