import type { Report } from './run.ts'

const COLUMNS: readonly (readonly [string, (report: Report, run: number) => string | number])[] = [
  ['run', (_, run) => run],
  ['seed', ({ seed }) => seed],
  ['variant', ({ variant }) => variant],
  ['mutations', ({ writes }) => writes.acknowledged],
  ['thrown', ({ writes }) => writes.thrown],
  ['moves', ({ disturbances }) => disturbances.moves],
  ['splits', ({ disturbances }) => disturbances.splits],
  ['merges', ({ disturbances }) => disturbances.merges],
  ['meta', ({ disturbances }) => disturbances.metaMoves],
  ['kills', ({ schedule }) => schedule.kills],
  ['stops', ({ schedule }) => schedule.stops],
  ['revivals', ({ schedule }) => schedule.revivals],
  ['masters', ({ schedule }) => schedule.masterRestarts],
  ['scans ok/failed', ({ reads }) => `${reads.complete}/${reads.failed}`],
  ['lost', ({ verdict }) => verdict.lost],
  ['extra', ({ verdict }) => verdict.extra],
  ['misplaced', ({ verdict }) => verdict.misplaced],
  ['longest call s', ({ writes }) => (writes.longestCallMs / 1000).toFixed(1)],
  ['seconds', ({ seconds }) => seconds.toFixed(0)],
  ['', ({ wrong }) => (wrong.length === 0 ? 'green' : 'RED')],
]

/** One line a run, under a line of headings, aligned. */
export function formatReports(reports: readonly Report[]): string {
  const lines = [
    COLUMNS.map(([heading]) => heading),
    ...reports.map((report, i) => COLUMNS.map(([, value]) => String(value(report, i + 1)))),
  ]
  const widths = COLUMNS.map((_, i) => Math.max(...lines.map((line) => (line[i] ?? '').length)))
  return lines
    .map((line) => line.map((text, i) => text.padStart(widths[i] ?? 0)).join('  '))
    .join('\n')
}
