import { parseArgs } from 'node:util'

export interface DemoOptions {
  /** Rows of the generated table. */
  readonly rows: number
  readonly keep: boolean
  /** Folder of a demo that was kept and is to be stopped now. */
  readonly stop: string | null
}

export const USAGE = `Usage: npm run demo -- [options]

  --rows N        rows of the generated table (300000)
  --keep          leave all servers and the worker running at the end
  --stop FOLDER   stop what a demo with --keep left running, and delete its folder
  --help
`

/** Throws an Error whose message is one sentence. Null when only help is asked for. */
export function readOptions(args: readonly string[]): DemoOptions | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rows: { type: 'string', default: '300000' },
      keep: { type: 'boolean', default: false },
      stop: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return null
  const rows = /^\d{1,9}$/.test(values.rows) ? Number(values.rows) : NaN
  if (!(rows >= FEWEST && rows <= MOST))
    throw new Error(`--rows takes a number from ${FEWEST} to ${MOST}, not ${values.rows}.`)
  return { rows, keep: values.keep, stop: values.stop ?? null }
}

const FEWEST = 1_000
const MOST = 100_000_000
