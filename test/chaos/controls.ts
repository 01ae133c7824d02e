import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from '../../workers/root.ts'
import { without, type Mechanism } from '../controls/controls.ts'
import { copyTo } from '../controls/copy.ts'
import type { Product } from './plan.ts'
import { hasLost, resultsIn } from './series.ts'

const LOG = 'sources/mysql/log'

export const CONTROLS: readonly Mechanism[] = [
  {
    name: 'no look at the lease',
    file: 'sources/mysql/lease.ts',
    find: 'return Number(row[0]) === token',
    replace: 'return Number(row[0]) >= 0 * token',
  },
  {
    name: 'acknowledged by key',
    file: `${LOG}/append.ts`,
    find: "await session.run(deleteByNumber(place.at('longhaul_log'), 'PRIMARY', some))",
    replace: `await session.run(\`DELETE a FROM \${place.at('longhaul_log')} a JOIN (SELECT DISTINCT source_id, key_field
        FROM \${place.at('longhaul_log')} WHERE ver IN (\${some.join(', ')})) b USING (source_id, key_field)\`)`,
  },
  {
    name: 'a folded log row keeps its number',
    file: `${LOG}/dedupe.ts`,
    find: 'ON DUPLICATE KEY UPDATE ver = VALUES(ver),\n  re_field',
    replace: 'ON DUPLICATE KEY UPDATE re_field',
  },
  {
    name: 'rows read before their commit',
    file: 'sources/mysql/client.ts',
    find: 'ISOLATION LEVEL READ COMMITTED',
    replace: 'ISOLATION LEVEL READ UNCOMMITTED',
  },
  {
    name: 'a row that came again keeps old cells',
    file: 'sinks/hbase/writer.ts',
    find: 'this.markFamilies(this.options.version - 1)',
    replace: '',
  },
  {
    name: 'keys compared by their collation',
    file: 'sources/mysql/triggers.ts',
    find: 'IF ko <> kn THEN',
    replace:
      'IF CONVERT(ko USING utf8mb4) COLLATE utf8mb4_general_ci <> CONVERT(kn USING utf8mb4) COLLATE utf8mb4_general_ci THEN',
  },
  {
    name: 'cascades not followed',
    file: 'sources/mysql/install.ts',
    find: '...cascadeTriggers({ sourceId, table }, followed, schema, mode),',
    replace: '',
  },
]

const MOST_LINES = 4

const COPIED = [
  'activities',
  'bootstrap.mjs',
  'config',
  'hbase',
  'model',
  'package.json',
  'package-lock.json',
  'plan',
  'services',
  'sinks',
  'sources',
  'test',
  'transform',
  'tsconfig.json',
  'workers',
  'workflows',
]

export interface ControlOptions {
  readonly product: Product
  readonly seeds: readonly number[]
  readonly folder: string
  readonly say: (line: string) => void
}

/** Runs seeds on a copy of the product without the mechanism, until one has lost something. True when each control was found. */
export async function playControl(word: string, options: ControlOptions): Promise<boolean> {
  const chosen = CONTROLS.filter(({ name }) => name.includes(word))
  if (chosen.length === 0)
    throw new Error(`"${word}" is in none of: ${CONTROLS.map(({ name }) => name).join(', ')}.`)
  let found = true
  for (const control of chosen) {
    const copy = mkdtempSync(join(tmpdir(), 'longhaul-chaos-'))
    try {
      copyProduct(copy)
      const file = join(copy, control.file)
      writeFileSync(file, without(readFileSync(file, 'utf8'), control))
      found = (await isNoticed(copy, control, options)) && found
    } finally {
      rmSync(copy, { recursive: true, force: true })
    }
  }
  return found
}

async function isNoticed(
  copy: string,
  { name }: Mechanism,
  { product, seeds, folder, say }: ControlOptions,
): Promise<boolean> {
  const results = join(copy, 'results.jsonl')
  const [first = 1] = seeds
  const flags = ['--runs', `${seeds.length}`, '--seed', `${first}`, '--database', product]
  const child = spawn(
    process.execPath,
    ['bootstrap.mjs', 'test/chaos/main.ts', ...flags, '--until-lost'].concat([
      ...['--results', results, '--folder', folder],
    ]),
    { cwd: copy, stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const end = (): void => void child.kill('SIGTERM')
  process.once('exit', end)
  child.stdout.resume()
  await new Promise((resolve) => child.once('exit', resolve))
  process.off('exit', end)
  const played = resultsIn(results)
  const red = played.find(hasLost)
  say(
    red === undefined
      ? `NOT FOUND in ${played.length} runs: ${name}`
      : `found in run ${played.length}, seed ${red.seed}: ${name}\n  ${red.wrong.slice(0, MOST_LINES).join('\n  ')}`,
  )
  return red !== undefined
}

/** The product without its packages, and what it has compiled: bundles are named by what is in them, and take long to make. */
function copyProduct(copy: string): void {
  copyTo(copy, COPIED)
  if (existsSync(join(ROOT, 'dist')))
    cpSync(join(ROOT, 'dist'), join(copy, 'dist'), { recursive: true })
}
