import { Argument, Command, Option } from '@commander-js/extra-typings'
import { fileURLToPath } from 'node:url'
import type { RunningService, ServiceName } from './contract.ts'
import { SERVICE_NAMES } from './contract.ts'
import { runningServices, SERVERS, startServices } from './start.ts'

const FOLDER = fileURLToPath(new URL('../.services', import.meta.url))
const USUAL: readonly ServiceName[] = ['temporal', 'hbase', 'mysql']

const interrupted = new AbortController()
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  // Not `once`: npm and tsx pass on a Ctrl-C that the terminal has sent here already, and the second
  // one must not end this process before it has stopped what it began.
  process.on(name, () => {
    interrupted.abort(new Error(`Interrupted by ${name}; what was begun has been stopped.`))
  })
}
// A closed terminal must not end it early either.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)

const program = new Command('services')
  .description('The real servers longhaul runs against: found or fetched, started, stopped.')
  .showHelpAfterError()

const names = () => new Argument('[names...]').choices(SERVICE_NAMES)
const folder = () => new Option('--folder <folder>', 'data, logs and state').default(FOLDER)
const json = () => new Option('--json', 'print one JSON object on standard output')

program
  .command('up')
  .description(`start servers and leave them running (without names: ${USUAL.join(', ')})`)
  .addArgument(names())
  .addOption(json())
  .addOption(folder())
  .action(async (wanted, options) => {
    const services = await startServices(wanted.length > 0 ? wanted : USUAL, {
      folder: options.folder,
      log,
      signal: interrupted.signal,
      keep: true,
    })
    print(Object.values(services), options.json)
  })

program
  .command('down')
  .description('stop what was started in this folder, and nothing else; the data stays')
  .addArgument(names())
  .addOption(folder())
  .action(async (wanted, options) => {
    const running = await runningServices(options.folder)
    const chosen = running.filter(({ name }) => wanted.length === 0 || wanted.includes(name))
    if (chosen.length === 0) log('nothing runs here')
    await Promise.all(chosen.map(stopOne))
  })

program
  .command('status')
  .description('list what runs in this folder')
  .addOption(json())
  .addOption(folder())
  .action(async (options) => {
    print(await runningServices(options.folder), options.json)
  })

program
  .command('fetch')
  .description('bring the programs onto this machine without starting them')
  .addArgument(names())
  .action(async (wanted) => {
    for (const name of wanted.length > 0 ? wanted : SERVICE_NAMES) {
      const { version, origin } = await SERVERS[name].fetch(log, interrupted.signal)
      log(`${name} ${version}: ${origin}`)
    }
  })

try {
  await program.parseAsync()
} catch (error) {
  log(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}

async function stopOne(service: RunningService): Promise<void> {
  const began = Date.now()
  await service.stop()
  log(`${service.name}: stopped in ${((Date.now() - began) / 1000).toFixed(1)} s`)
}

function print(services: readonly RunningService[], asJson: true | undefined): void {
  if (asJson) {
    const all = Object.fromEntries(services.map((service) => [service.name, service]))
    process.stdout.write(`${JSON.stringify(all, null, 2)}\n`)
    return
  }
  for (const service of services) process.stdout.write(`${oneLine(service)}\n`)
}

function oneLine({ name, version, address, ui, user, password }: RunningService): string {
  const login = user === undefined ? '' : ` user ${user} password ${password ?? ''}`
  return `${name} ${version} at ${address}${ui === undefined ? '' : ` page ${ui}`}${login}`
}

function log(line: string): void {
  process.stderr.write(`${line}\n`)
}
