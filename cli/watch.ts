import type { MultiBar, SingleBar } from 'cli-progress'
import { withProject, type Settings } from './command.ts'
import type { ExitCode } from './exit.ts'
import { shownState } from './differing.ts'
import { count, duration } from './numbers.ts'
import { outcomeOf } from './outcome.ts'
import { wait } from './repeat.ts'
import { isSettled, paceOf, type Snapshot } from './snapshot.ts'
import { projectLine, statusText } from './status-text.ts'

const EVERY_MS = 1000

/** Without a terminal there is nothing to redraw: then a line at each of these. */
const LINE_EVERY_MS = 10_000

/** Shows a project once a second until `until` says it is enough; usually until a person is needed. */
export async function watch(
  settings: Settings,
  project: string,
  until: (now: Snapshot) => boolean = isSettled,
): Promise<ExitCode> {
  const last = await withProject(settings, project, async (client) => {
    const { look } = await import('./look.ts')
    const screen = settings.json ? silent : process.stdout.isTTY ? await bars() : lines()
    let before: Snapshot | undefined
    for (;;) {
      const now = await look(client, project)
      screen.show(now, before)
      if (until(now)) {
        screen.close()
        return now
      }
      before = now
      await wait(EVERY_MS)
    }
  })
  process.stdout.write(
    settings.json ? `${JSON.stringify(last, null, 2)}\n` : `${statusText(last)}\n`,
  )
  return outcomeOf(last)
}

interface Screen {
  show(now: Snapshot, before?: Snapshot): void
  close(): void
}

const silent: Screen = { show: () => undefined, close: () => undefined }

function lines(): Screen {
  let said = ''
  let at = 0
  return {
    show(now) {
      const { phase, condition } = now.status
      const state = `${phase} ${condition}`
      if (state === said && now.at - at < LINE_EVERY_MS) return
      said = state
      at = now.at
      process.stdout.write(`${projectLine(now)}\n`)
    },
    close: () => undefined,
  }
}

async function bars(): Promise<Screen> {
  const { default: progress } = await import('cli-progress')
  const all: MultiBar = new progress.MultiBar({
    format: '  {name} {bar} {percent} {state}  {rows}{speed}',
    barsize: 24,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
    clearOnComplete: true,
    fps: 5,
    autopadding: false,
  })
  const head = all.create(1, 0, {}, { format: '{line}' })
  const byTable = new Map<string, SingleBar>()
  return {
    show(now, before) {
      head.update(0, { line: headLine(now) })
      const names = Object.keys(now.status.tables)
      const width = Math.max(0, ...names.map((name) => name.length))
      for (const name of names) {
        const payload = barOf(now, before, name)
        const bar = byTable.get(name) ?? all.create(PARTS, 0, payload)
        byTable.set(name, bar)
        bar.update(Math.round(payload.part * PARTS), { ...payload, name: name.padEnd(width) })
      }
    },
    close: () => all.stop(),
  }
}

const PARTS = 1000

const headLine = (now: Snapshot): string =>
  now.status.question === null
    ? projectLine(now)
    : `${projectLine(now)}  ? ${now.status.question.text}`

const DONE: readonly string[] = ['loaded', 'verified', 'sampled', 'counted', 'different']

/** What the bar of a table shows. */
export function barOf(now: Snapshot, before: Snapshot | undefined, name: string) {
  const table = now.status.tables[name]
  if (table === undefined) throw new Error(`no such table: ${name}`)
  const pace = paceOf(table, name, now, before)
  const part = Math.min(1, pace.part ?? (DONE.includes(table.state) ? 1 : 0))
  const speed = pace.rowsPerSecond === null ? '' : `  ${count(pace.rowsPerSecond)} rows/s`
  const eta = pace.etaSeconds === null ? '' : `  ETA ${duration(pace.etaSeconds)}`
  return {
    name,
    part,
    state: shownState(now.status, name).padEnd('verifying'.length),
    percent: `${(part * 100).toFixed(1)}%`.padStart(6),
    rows: `${count(pace.rows)} rows`,
    speed: `${speed}${eta}`,
  }
}
