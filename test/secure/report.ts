/** What one mode came to. */
export interface Report {
  readonly mode: string
  readonly passed: number
  readonly failed: number
  readonly tests: readonly Outcome[]
}

interface Outcome {
  readonly name: string
  readonly passed: boolean
  /** Whether it is about what must be refused. */
  readonly refusal: boolean
  readonly says: string
}

/** The part of vitest's JSON report that is read here. */
interface Results {
  readonly success: boolean
  readonly testResults: readonly {
    readonly name: string
    readonly message?: string
    readonly assertionResults: readonly {
      readonly fullName: string
      readonly status: string
      readonly failureMessages: readonly string[]
    }[]
  }[]
}

/** Reads vitest's report; a run that wrote none, or that broke outside of a test, counts as failed. */
export function readReport(mode: string, text: string | undefined): Report {
  if (text === undefined) return { mode, passed: 0, failed: 1, tests: [] }
  const { success, testResults } = JSON.parse(text) as Results
  const tests = testResults.flatMap(({ name: file, assertionResults, message = '' }) => {
    const broken = { fullName: file, status: 'failed', failureMessages: [message] }
    return (assertionResults.length > 0 ? assertionResults : [broken]).map((one) => ({
      name: one.fullName.trim(),
      passed: one.status === 'passed',
      refusal: file.endsWith('.refusals.ts'),
      says: one.failureMessages.join('\n'),
    }))
  })
  const passed = tests.filter((one) => one.passed).length
  const failed = tests.length - passed
  return { mode, passed, failed: failed === 0 && !success ? 1 : failed, tests }
}

/** The refusals by name, and what failed with its reason. */
export const formatReport = ({ mode, tests }: Report): string[] =>
  tests
    .filter(({ refusal, passed }) => refusal || !passed)
    .flatMap(({ name, passed, says }) =>
      passed ? [`${mode}: ok: ${name}`] : [`${mode}: FAILED: ${name}`, says],
    )

export function formatTable(reports: readonly Report[]): string[] {
  const width = Math.max(...reports.map(({ mode }) => mode.length))
  const row = ([mode, ...numbers]: readonly (string | number)[]): string =>
    [String(mode).padEnd(width), ...numbers.map((cell) => String(cell).padStart(6))].join(' | ')
  return [
    row(['mode', 'tests', 'passed', 'failed']),
    ...reports.map(({ mode, passed, failed }) => row([mode, passed + failed, passed, failed])),
  ]
}
