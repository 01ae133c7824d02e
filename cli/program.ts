import { Command, Option } from '@commander-js/extra-typings'
import { addCheck } from './check.ts'
import { addControls } from './controls.ts'
import { addCorrect } from './correct.ts'
import type { Cli, Settings } from './command.ts'
import { EXIT_CODES } from './exit.ts'
import { addProcesses } from './processes.ts'
import { addRollback } from './rollback.ts'
import { addStart } from './start.ts'
import { addStatus } from './status.ts'
import { addSweep } from './sweep.ts'
import { addSwitch } from './switch.ts'
import { addThrottle } from './throttle.ts'
import { addVerify } from './verify.ts'

const EXAMPLES = `
A migration, from beginning to end:
  $ longhaul worker --connections connections.yaml &
  $ longhaul start shop.yaml --wait
  $ longhaul status shop
  $ longhaul switch shop --confirm-writes-stopped
  $ longhaul certificate shop

${EXIT_CODES}`

/** The command line; nothing is parsed yet. */
export function createProgram(environment: Readonly<Record<string, string | undefined>>) {
  const program = new Command('longhaul')
    .description(
      'Moves tables from MySQL into HBase, keeps them in step, and proves that no row was lost.',
    )
    .addOption(
      new Option('--address <host:port>', 'the Temporal server')
        .env('TEMPORAL_ADDRESS')
        .default('127.0.0.1:7233'),
    )
    .addOption(
      new Option('--namespace <name>', 'the namespace in it')
        .env('TEMPORAL_NAMESPACE')
        .default('default'),
    )
    .addOption(
      new Option('-o, --output <form>', 'how to print').choices(['text', 'json']).default('text'),
    )
    .option('--json', 'the same as --output json')
    .version('0.1.0')
    .addHelpText('after', EXAMPLES)
    .showSuggestionAfterError()
    .exitOverride()

  const settings = (): Settings => {
    const { address, namespace, output, json } = program.opts()
    return { address, namespace, json: json === true || output === 'json' }
  }
  const cli: Cli = {
    program,
    settings,
    async run(work) {
      const exit = await work(settings())
      if (exit !== 0) process.exitCode = exit
    },
  }
  for (const add of [
    addCheck,
    addStart,
    addStatus,
    addControls,
    addThrottle,
    addVerify,
    addCorrect,
    addSwitch,
    addRollback,
    addSweep,
    addProcesses,
  ])
    add(cli)
  return { program, settings, debug: environment['LONGHAUL_DEBUG'] === '1' }
}
