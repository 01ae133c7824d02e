import type { Mapping } from '../model/mapping.ts'
import type { CertifiedTable, Project } from '../model/project.ts'
import { isClean } from '../plan/counts.ts'
import { proofOf } from '../model/sample.ts'
import type { Run } from './run.ts'
import { sourcesOf, type ProjectState } from './project-state.ts'
import { control, looks } from './proxies.ts'

/** Signs off what the last verifications found. */
export async function issue({ project, state }: Run, spec: Project): Promise<void> {
  const tokens: Record<string, number> = {}
  let deadLetters = 0
  for (const source of sourcesOf(spec)) {
    const lag = await looks(source, `lag of ${source}`).readLag({ project, source })
    tokens[source] = lag.token
    deadLetters += lag.dead
  }
  const tables = spec.tables.flatMap((mapping) =>
    certified(state, mapping, tokens[mapping.source] ?? 0),
  )
  state.certificate = await control().issueCertificate({
    project,
    clean:
      deadLetters === 0 &&
      tables.length === spec.tables.length &&
      tables.every(({ clean, mode }) => clean && proofOf(mode) === 'full'),
    tables,
    servers: state.servers,
    deadLetters,
  })
}

function certified(state: ProjectState, mapping: Mapping, token: number): CertifiedTable[] {
  const report = state.reports[mapping.name]
  if (report === undefined) return []
  return [
    {
      name: mapping.name,
      from: `${mapping.source}:${mapping.anchor}`,
      to: `${mapping.cluster}:${mapping.target}`,
      rows: report.rows,
      cells: report.cells,
      digest: report.sourceDigest,
      covered: COVERED[proofOf(report.mode)](
        `-inf .. +inf in ${report.ranges} range${report.ranges === 1 ? '' : 's'}`,
      ),
      mode: report.mode,
      ...(report.sample === undefined ? {} : { sample: report.sample }),
      differencesFound: state.found[mapping.name] ?? 0,
      differencesCorrected: state.corrected[mapping.name] ?? 0,
      tokens: [state.versions[mapping.name] ?? 0, token],
      verifiedAt: new Date(report.finishedAt).toISOString(),
      schemaHash: state.tables[mapping.name]?.schemaHash ?? '',
      mapping,
      ...(report.links === undefined ? {} : { links: report.links }),
      clean: isClean(report),
    },
  ]
}

/** What was read, and what was not. */
const COVERED = {
  full: (ranges: string) => ranges,
  sample: (ranges: string) => `a sample of ${ranges}`,
  count: (ranges: string) => `the keys alone of ${ranges}`,
} as const
