import { SyncError, type ErrorCode } from '../model/errors.ts'
import { ACCEPTABLE, type Finding } from '../model/finding.ts'
import type { Mapping } from '../model/mapping.ts'
import { withoutColumns, type TableSchema } from '../model/table.ts'
import type { Sink } from '../sinks/sink.ts'
import type { Source } from '../sources/source.ts'
import { compile } from '../transform/compile.ts'
import type { Transform } from '../transform/transform.ts'

/** What a transform needs of its target. */
export const targetOf = (
  project: string,
  transform: Transform,
  splits: ReturnType<Transform['splits']>,
) => ({
  table: transform.target,
  families: transform.families,
  owner: project,
  splits,
})

interface Looked {
  /** Null when a finding says why there is none. */
  readonly transform: Transform | null
  readonly findings: readonly Finding[]
}

/** Looks at a table and its target; touches nothing. */
export async function lookAt(
  { source, sink }: { readonly source: Source; readonly sink: Sink },
  project: string,
  mapping: Mapping,
): Promise<Looked> {
  const { transform, findings } = await lookAtSource(source, mapping)
  const target = transform === null ? [] : await sink.check(targetOf(project, transform, []))
  return {
    transform,
    findings: [...findings, ...target].map((finding) => accepted(mapping, finding)),
  }
}

/** All that is wrong with one table, not only what is met first: a view has no key, but it is a view. */
async function lookAtSource(source: Source, mapping: Mapping): Promise<Looked> {
  let described: TableSchema | null = null
  try {
    described = await source.describe(mapping.anchor)
    const transform = compile(mapping, described)
    return { transform, findings: await source.check([transform.table]) }
  } catch (error) {
    if (!(error instanceof SyncError) || error.retry) throw error
    const excluded = mapping.families.flatMap(({ exclude }) => exclude)
    const others =
      described === null ? [] : await source.check([withoutColumns(described, excluded)])
    const said = others.some(({ code, blocks }) => blocks && SAYS_MORE[code]?.includes(error.code))
    const own = { code: error.code, about: '', text: error.detail, blocks: true }
    return { transform: null, findings: said ? others : [own, ...others] }
  }
}

/** Findings that make another error a mere consequence, or say the same with more advice. */
const SAYS_MORE: Partial<Record<ErrorCode, readonly ErrorCode[]>> = {
  TABLE_UNKNOWN: ['KEY_MISSING', 'TYPE_UNSUPPORTED'],
  KEY_MISSING: ['KEY_MISSING'],
  KEY_UNSUPPORTED: ['KEY_UNSUPPORTED'],
  TYPE_UNSUPPORTED: ['TYPE_UNSUPPORTED'],
}

/** A finding the user has accepted does not block. */
const accepted = (mapping: Mapping, finding: Finding): Finding =>
  ACCEPTABLE.some((code) => code === finding.code) && mapping.accept.includes(finding.code)
    ? { ...finding, blocks: false }
    : finding
