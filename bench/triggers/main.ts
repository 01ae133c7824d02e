// npm run bench:triggers [-- --rows 5000 --rounds 15 --seconds 10]
// What capture adds to the application's writes: longhaul's two ways to keep the log beside the triggers of the paper
// they descend from, on the same servers, in turns. Prints one JSON line of ratios at the end.
import { Command } from '@commander-js/extra-typings'
import { mkdtempSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import prettier from 'prettier'
import { startServices } from '../../services/index.ts'
import { countFrom } from '../count.ts'
import { describeMachine, load } from '../machine.ts'
import { measureCosts } from './cost.ts'
import { countDeadlocks } from './deadlocks.ts'
import { costRows, deadlockRows, pageOf, ratiosOf, type Measured } from './report.ts'
import { openVariant, VARIANTS } from './variants.ts'

const { rows, rounds, seconds, save } = new Command('bench:triggers')
  .description('What the triggers cost the application, beside those of the paper.')
  .option('--rows <count>', 'rows of one statement', countFrom(1), 5_000)
  .option('--rounds <count>', 'how often each is measured; the fastest counts', countFrom(1), 15)
  .option('--seconds <count>', 'how long eight writers write in each setting', countFrom(1), 10)
  .option('--no-save', 'leave bench/results as it is')
  .parse()
  .opts()

const WIDTHS = [6, 40]
const LEVELS = ['REPEATABLE READ', 'READ COMMITTED']

const folder = mkdtempSync(join(tmpdir(), 'longhaul-bench-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
const log = (line: string): void => void process.stderr.write(`${line}\n`)

const before = load()
const servers = await startServices(['mysql', 'mariadb'], { folder, log })
const measured: Measured[] = []
try {
  for (const [name, server] of Object.entries(servers)) {
    const product = `${name === 'mysql' ? 'MySQL' : 'MariaDB'} ${server.version}`
    for (const width of WIDTHS) {
      const variants = []
      for (const variant of VARIANTS) variants.push(await openVariant(server, variant, width))
      const costs = await measureCosts(variants, { rows, rounds })
      const deadlocks = []
      for (const isolation of width === WIDTHS[0] ? LEVELS : [])
        for (const captured of variants) {
          const counted = await countDeadlocks(captured, isolation, seconds)
          deadlocks.push({ isolation, variant: captured.variant, ...counted })
        }
      for (const captured of variants) await captured.close()
      measured.push({ product, width, costs, deadlocks })
      log(
        [...costRows(measured), ...deadlockRows(measured)].map((row) => row.join('  ')).join('\n'),
      )
    }
  }
} finally {
  await Promise.all(Object.values(servers).map((server) => server.stop()))
}
const circumstances = `${describeMachine()}, load ${before.toFixed(1)} to ${load().toFixed(1)}`
const page = pageOf(measured, { rows, rounds, seconds, circumstances })
if (save) {
  const file = fileURLToPath(new URL('../results/triggers.md', import.meta.url))
  await writeFile(file, await prettier.format(page, { parser: 'markdown', printWidth: 100 }))
}
process.stdout.write(`${JSON.stringify(ratiosOf(measured))}\n`)
