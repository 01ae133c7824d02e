import { PLAYS } from './database.ts'
import { longhaul } from './command.ts'
import { killAndResume } from './kill.ts'
import { FAULTS, PLANTED, plant } from './plant.ts'
import { PROJECT, until, type Migration } from './run.ts'
import { drawRounds } from './rounds.ts'
import { count, plural, seconds, stopwatch } from './text.ts'
import { APPLY, drawLag, lagText } from './lag.ts'

const COPY = 'MySQL -> HBase'
const SMALL = 'the 11 small tables'

/** Everything is checked before anything is created. */
export async function structure(run: Migration): Promise<void> {
  const { screen, servers, seen, files } = run
  screen.say('\n1 structure')
  const took = stopwatch()
  await command(run, ['start', files.project])
  await until(run, () => seen.status !== null && seen.status.phase !== 'structure')
  screen.say(
    `  ${run.database.tables.length} tables checked, created in HBase ${servers.hbase.version} and captured by triggers, in ${took()}`,
  )
}

export interface Loaded {
  readonly rows: number
  readonly ms: number
}

/** Copies every row; in the middle of it the worker is killed. */
export async function load(run: Migration): Promise<Loaded> {
  const { screen, seen, options } = run
  screen.say('\n2 load')
  const began = performance.now()
  const board = screen.board([
    { name: `${PLAYS} ${COPY}`, total: options.rows },
    { name: SMALL, total: smallRows(run, 'estimate') },
    { name: APPLY, total: null },
  ])
  const draw = (): void => {
    board.set(`${PLAYS} ${COPY}`, playsLoaded(run))
    board.set(SMALL, smallRows(run, 'rows'))
    drawLag(board, run)
  }
  let planted = ''
  const over = (): boolean => seen.status !== null && seen.status.phase !== 'load'
  try {
    await until(run, () => over() || playsLoaded(run) >= 0.3 * options.rows, draw)
    if (over()) screen.say('  The load was over before its worker could be killed.')
    else await killAndResume(run, { rows: () => playsLoaded(run), over, draw })
    await until(run, () => over() || seen.status?.tables[PLANTED]?.state === 'loaded', draw)
    planted = await plant(run.servers.witness)
    await until(run, over, draw)
  } finally {
    board.close()
  }
  const ms = performance.now() - began
  const rows = Object.values(seen.status?.tables ?? {}).reduce((sum, table) => sum + table.rows, 0)
  screen.say(
    `  ${plural(rows, 'row')} in ${seconds(ms)}: ${count((rows * 1000) / ms)} rows/s, the kill included`,
  )
  screen.say('\n3 apply')
  screen.say(`  by hand     in HBase, behind longhaul's back: ${planted}`)
  return { rows, ms }
}

/** Changes have been applied since the capture was there; this waits until none is left behind. */
export async function apply(run: Migration): Promise<void> {
  const { screen, seen } = run
  const board = screen.board([{ name: APPLY, total: null }])
  try {
    await until(
      run,
      () => seen.status?.phase !== 'apply',
      () => drawLag(board, run),
    )
  } finally {
    board.close()
  }
  screen.say(
    `  ${count(seen.applied)} changes applied so far; lag ${lagText(seen.lag.seconds)}, ${lagText(seen.worstLagSeconds)} at worst`,
  )
}

/** Compares every cell in both directions, corrects what differs, and compares again. */
export async function verify(run: Migration): Promise<void> {
  const { screen, seen, servers } = run
  screen.say('\n4 verify')
  const took = stopwatch()
  await drawRounds(run, () => seen.status?.phase === 'switch')
  if (differences(run, 'differencesFound') < FAULTS) {
    // A very small load is over before anything can be planted in it
    screen.say(`  by hand     once more, as that was too early: ${await plant(servers.witness)}`)
    await command(run, ['verify', PROJECT, PLANTED])
    await until(run, () => differences(run, 'differencesFound') >= FAULTS)
  }
  screen.say(
    `  ${plural(differences(run, 'differencesFound'), 'difference')} found, ${count(differences(run, 'differencesCorrected'))} corrected and compared again, in ${took()}`,
  )
}

/** Runs a command that must succeed. */
export async function command(run: Migration, args: readonly string[]): Promise<string> {
  const { screen, servers, signal } = run
  screen.say(`  $ longhaul ${args.join(' ')}`)
  const { code, output } = await longhaul(args, { address: servers.temporal.address, signal })
  if (code !== 0) throw new Error(`longhaul ${args[0] ?? ''} ended with ${code}: ${output}`)
  return output
}

/** Refused while somebody may still write; done when nobody does. */
export async function switchOver(run: Migration): Promise<void> {
  const { screen, servers, signal, writer } = run
  screen.say('\n5 switch')
  const asked = ['switch', PROJECT]
  screen.say(`  $ longhaul ${asked.join(' ')}`)
  const early = await longhaul(asked, { address: servers.temporal.address, signal })
  if (early.code === 0)
    throw new Error('It switched over although nobody said writers are stopped.')
  screen.say(`  ${early.output.split('\n')[0] ?? ''}`)
  await writer.stop()
  screen.say(`  writer      stopped after ${count(writer.changes())} changes`)
  const done = { yes: false }
  const switching = command(run, [...asked, '--confirm-writes-stopped'])
  switching.then(
    () => (done.yes = true),
    () => (done.yes = true),
  )
  await drawRounds(run, () => done.yes)
  for (const line of (await switching).split('\n')) screen.say(`  ${line}`)
}

const differences = (
  { seen }: Migration,
  what: 'differencesFound' | 'differencesCorrected',
): number => (seen.status?.certificate?.tables ?? []).reduce((sum, table) => sum + table[what], 0)

const playsLoaded = ({ seen }: Migration): number =>
  Math.max(
    seen.status?.tables[PLAYS]?.rows ?? 0,
    seen.working?.stage === 'load' ? seen.working.rows : 0,
  )

const smallRows = ({ seen }: Migration, what: 'rows' | 'estimate'): number =>
  Object.entries(seen.status?.tables ?? {}).reduce(
    (sum, [name, table]) => sum + (name === PLAYS ? 0 : table[what]),
    0,
  )
