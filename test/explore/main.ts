import { parseArgs } from 'node:util'
import { CONTROLS, type Control } from './controls.ts'
import {
  differencesText,
  exploreSeeds,
  exploreSmall,
  firstToNotice,
  gameOf,
  noTotals,
  type Totals,
} from './explore.ts'
import { play } from './world.ts'

const USAGE = `npm run explore -- [--runs 100000] [--seed 1]
  plays so many interleavings of load, apply, writers, crashes and compaction on the source and the store in
  memory: first every one of the small plans, then one for each seed from --seed on. Then takes one mechanism
  after the other out, each of which must lose something.
npm run explore -- --replay PLACE [--without CONTROL]
  plays one of them again and prints every step: PLACE as it was printed, CONTROL by a part of its name.
Exit code 0 when nothing is lost and every control is found, 1 when not, 2 for usage.`

const say = (line: string): void => void process.stdout.write(`${line}\n`)

const cells = (...texts: readonly (string | number)[]): string =>
  texts
    .map((text, i) => {
      const cell = typeof text === 'number' ? text.toLocaleString('en') : text
      return i === 0 ? cell.padEnd(34) : cell.padStart(14)
    })
    .join('')

interface Clock {
  readonly seconds: number
  readonly cpu: number
}

function clock(): () => Clock {
  const began = performance.now()
  const before = process.cpuUsage()
  return () => {
    const { user, system } = process.cpuUsage(before)
    return { seconds: (performance.now() - began) / 1000, cpu: (user + system) / 1e6 }
  }
}

/** Two sorts of interleavings, added up. */
async function explore(runs: number, seed: number): Promise<boolean> {
  // An answer that never comes is an error, and its trace costs more than all the rest
  Error.stackTraceLimit = 0
  say(cells('', 'interleavings', 'per second', 'distinct', 'lost', 'extra', 'stale'))
  const all = noTotals()
  const whole = clock()
  await exploreSmall(all, runs)
  line('every one of the small plans', all, noTotals(), whole())
  const small = { ...all, schedules: new Set(all.schedules) }
  const seeds = clock()
  await exploreSeeds(all, seed, Math.max(0, runs - all.played))
  line('by seed', all, small, seeds())
  line('together', all, noTotals(), whole())
  const { seconds, cpu } = whole()
  say(
    `${all.steps.toLocaleString('en')} steps, ${seconds.toFixed(1)} s, ${cpu.toFixed(1)} s of CPU.`,
  )
  for (const { place, why } of all.wrong) say(`npm run explore -- --replay ${place}   ${why}`)
  return all.wrong.length === 0
}

function line(name: string, now: Totals, before: Totals, { seconds }: Clock): void {
  const played = now.played - before.played
  say(
    cells(
      name,
      played,
      Math.round(played / seconds),
      now.schedules.size - before.schedules.size,
      now.lost - before.lost,
      now.extra - before.extra,
      now.stale - before.stale,
    ),
  )
}

async function controls(most: number): Promise<boolean> {
  say('\nWithout                                               found after')
  let sound = true
  for (const [name, control] of Object.entries(CONTROLS)) {
    const seed = await firstToNotice(control, most)
    sound &&= seed > 0
    say(`${name.padEnd(50)}${(seed > 0 ? seed.toLocaleString('en') : 'NOT FOUND').padStart(15)}`)
  }
  return sound
}

/** Prints every step of one interleaving. */
async function replay(place: string, control: Control): Promise<boolean> {
  const { plan, scheduler } = gameOf(place)
  say(JSON.stringify(plan, null, 2))
  const { steps, found } = await play(plan, scheduler, control)
  for (const [i, step] of steps.entries()) say(`${String(i + 1).padStart(4)}  ${step}`)
  say(found.rows === 0 ? 'The target is as the source.' : differencesText(found))
  return found.rows === 0
}

function controlNamed(part: string | undefined): Control {
  if (part === undefined) return {}
  const [found, ...others] = Object.entries(CONTROLS).filter(([name]) => name.includes(part))
  if (found === undefined || others.length > 0)
    throw new Error(`"${part}" must be part of one of: ${Object.keys(CONTROLS).join(', ')}.`)
  return found[1]
}

function parse(): () => Promise<boolean> {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '100000' },
      seed: { type: 'string', default: '1' },
      replay: { type: 'string' },
      without: { type: 'string' },
    },
  })
  const whole = (text: string): number => {
    if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`"${text}" is not a whole number above 0.`)
    return Number(text)
  }
  const [runs, seed] = [whole(values.runs), whole(values.seed)]
  const { replay: place } = values
  if (place === undefined) return async () => (await explore(runs, seed)) && (await controls(runs))
  gameOf(place)
  const control = controlNamed(values.without)
  return () => replay(place, control)
}

try {
  const work = parse()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
  process.exitCode = (await work()) ? 0 : 1
} catch (error) {
  say(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`)
  process.exitCode = 2
}
