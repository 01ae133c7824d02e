/** How the suite went on one version. */
export interface Outcome {
  readonly version: string
  readonly tests: number
  readonly passed: number
  readonly failed: number
  readonly seconds: number
  /** Every test ran and passed, and the runner said so too. */
  readonly good: boolean
}

/** Nothing ran: the server did not start, or the runner broke. */
export const NOTHING = { tests: 0, passed: 0, failed: 0, good: false } as const

interface Run {
  readonly version: string
  readonly seconds: number
  readonly exitCode: number | null
  /** What vitest's JSON reporter wrote. */
  readonly report: string
}

export function row({ version, seconds, exitCode, report }: Run): Outcome {
  const counts = JSON.parse(report) as {
    readonly numTotalTests: number
    readonly numPassedTests: number
    readonly numFailedTests: number
  }
  const { numTotalTests: tests, numPassedTests: passed, numFailedTests: failed } = counts
  return {
    version,
    tests,
    passed,
    failed,
    seconds,
    good: exitCode === 0 && passed === tests && tests > 0,
  }
}

export function tableOf(outcomes: readonly Outcome[]): string {
  const lines = outcomes.map(({ version, tests, passed, failed, seconds, good }) =>
    [version, tests, passed, failed, seconds.toFixed(0), good ? 'ok' : 'FAILED'].map(String),
  )
  const all = [['version', 'tests', 'passed', 'failed', 'seconds', ''], ...lines]
  const widths = [18, 7, 7, 7, 8, 6]
  return all
    .map((cells) =>
      cells
        .map((text, i) => text.padEnd(widths[i] ?? 0))
        .join(' ')
        .trimEnd(),
    )
    .join('\n')
}
