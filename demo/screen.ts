import { MultiBar, type SingleBar } from 'cli-progress'
import { count } from './text.ts'

export interface Row {
  readonly name: string
  /** A row without a total has a note only. */
  readonly total: number | null
}

/** Rows of progress that change while something goes on. */
export interface Board {
  set(name: string, value: number, note?: string): void
  note(name: string, note: string): void
  /** It is done, however much it was in the end. */
  fill(name: string): void
  /** The rows stay on the screen as they are. */
  close(): void
}

/** Bars on a terminal, a line every few seconds otherwise. */
export interface Screen {
  say(line: string): void
  board(rows: readonly Row[]): Board
  /** Leaves the terminal as it was. */
  close(): void
}

/** Between two lines about the same row, where there is no terminal. */
const LINE_EVERY_MS = 3_000
const NAME_WIDTH = 22

export function openScreen(out: NodeJS.WriteStream = process.stdout): Screen {
  return out.isTTY ? terminal(out) : plain(out)
}

function terminal(out: NodeJS.WriteStream): Screen {
  let open: MultiBar | null = null
  const close = (): void => {
    open?.stop()
    open = null
  }
  return {
    say(line) {
      if (open === null) out.write(`${line}\n`)
      else open.log(`${line}\n`)
    },
    board(rows) {
      close()
      const bars = new MultiBar({
        format: drawn,
        stream: out,
        hideCursor: true,
        fps: 8,
        linewrap: null,
      })
      open = bars
      const byName = new Map(
        rows.map(({ name, total }) => [name, bars.create(total ?? 0, 0, { name, note: '' })]),
      )
      return boardOn(byName, close)
    },
    close,
  }
}

const boardOn = (bars: ReadonlyMap<string, SingleBar>, close: () => void): Board => ({
  set(name, value, note) {
    const bar = bars.get(name)
    if (bar === undefined) return
    if (value > bar.getTotal()) bar.setTotal(value)
    bar.update(value, note === undefined ? {} : { note })
  },
  note: (name, note) => bars.get(name)?.update({ note }),
  fill(name) {
    const bar = bars.get(name)
    bar?.update(bar.getTotal())
  },
  close,
})

interface Drawn {
  readonly progress: number
  readonly value: number
  readonly total: number
}

const BAR_WIDTH = 28

function drawn(
  _options: unknown,
  { progress, value, total }: Drawn,
  { name, note }: { readonly name: string; readonly note: string },
): string {
  const label = `  ${name.padEnd(NAME_WIDTH)}`
  if (total === 0) return label + note
  const full = Math.round(Math.min(1, progress) * BAR_WIDTH)
  const bar = '█'.repeat(full) + '░'.repeat(BAR_WIDTH - full)
  return `${label}${bar} ${amount(value, total)}  ${note}`
}

const amount = (value: number, total: number): string =>
  `${`${Math.floor((100 * value) / Math.max(1, total))}%`.padStart(4)} ${count(value)}/${count(total)}`

function plain(out: NodeJS.WriteStream): Screen {
  const say = (line: string): void => void out.write(`${line}\n`)
  return {
    say,
    board: (rows) => lines(rows, say),
    close: () => undefined,
  }
}

interface Line {
  readonly total: number | null
  value: number
  note: string
  printed: string
  at: number
}

function lines(rows: readonly Row[], say: (line: string) => void): Board {
  const state = new Map(
    rows.map(({ name, total }): [string, Line] => [
      name,
      { total, value: 0, note: '', printed: '', at: performance.now() },
    ]),
  )
  const print = (name: string, line: Line): void => {
    const { total, value, note } = line
    const numbers = total === null ? '' : `${amount(value, Math.max(total, value))}  `
    const text = `  ${name.padEnd(NAME_WIDTH)}${numbers}${note}`.trimEnd()
    line.at = performance.now()
    if (text === line.printed) return
    line.printed = text
    say(text)
  }
  const change = (name: string, value: number | undefined, note: string | undefined): void => {
    const line = state.get(name)
    if (line === undefined) return
    line.value = value ?? line.value
    line.note = note ?? line.note
    if (performance.now() - line.at >= LINE_EVERY_MS) print(name, line)
  }
  return {
    set: change,
    note: (name, note) => change(name, undefined, note),
    fill: (name) =>
      change(name, Math.max(state.get(name)?.total ?? 0, state.get(name)?.value ?? 0), undefined),
    close() {
      for (const [name, line] of state) if (line.value > 0 || line.note !== '') print(name, line)
    },
  }
}
