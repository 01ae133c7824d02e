import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { SyncError } from '../model/errors.ts'
import { ACCEPTABLE } from '../model/finding.ts'
import { CODECS, type FamilyMapping, type Mapping } from '../model/mapping.ts'
import { PROOFS, VERIFY_MODES, type Project } from '../model/project.ts'
import { clashes } from './clashes.ts'
import { explain, type KnownNames } from './explain.ts'
import { readText } from './load.ts'
import { formatPath, invalid, type Problem } from './problems.ts'
import { findReferences } from './references.ts'
import { duration, family, hbaseTable, name, namespace, sourceTable, tableName } from './shapes.ts'
import { readYaml } from './yaml.ts'

const atLeast = (least: number, most: number) => z.int().min(least).max(most)

const codec = z.enum(CODECS)

const tableShape = z.strictObject({
  from: sourceTable.describe('The table to migrate: database.table'),
  name: tableName
    .optional()
    .describe(
      'Names the table in status, workflow ids and the certificate; default: the table without its database',
    ),
  to: hbaseTable.optional().describe('The HBase table; default: [namespace:]table'),
  family: family
    .optional()
    .describe('The family its columns go to; default: the name of the table'),
  rename: z
    .record(z.string(), z.string().min(1))
    .default({})
    .describe('Column: qualifier, where they differ'),
  exclude: z.array(z.string()).default([]).describe('Columns that are left out'),
  codec: codec
    .optional()
    .describe('How its values become bytes; default: the codec of the project'),
  codecs: z
    .record(z.string(), codec)
    .default({})
    .describe('Column: codec, where it is another than that of the table'),
  rowKey: z
    .strictObject({
      salt: atLeast(2, 65_536)
        .exactOptional()
        .describe('Spreads rows over so many buckets by a hex prefix'),
      hash: z.literal(true).exactOptional().describe('Spreads rows by a four-digit hash prefix'),
      reverse: z
        .literal(true)
        .exactOptional()
        .describe('Writes the digits of a single integer key backwards'),
    })
    .refine(
      (shape) => Object.keys(shape).length <= 1,
      'takes one of salt, hash and reverse, not several',
    )
    .default({})
    .describe('How the row key is made of the primary key; default: the key as text'),
  accept: z
    .array(z.enum(ACCEPTABLE))
    .default([])
    .describe('Findings of the check that are accepted: what the triggers cannot see'),
  source: name.optional().describe('Where the table is; default: the source of the project'),
  cluster: name.optional().describe('Where it goes; default: the cluster of the project'),
})

/** What a project file may say; published as project.schema.json. */
export const projectShape = z.strictObject({
  $schema: z.string().optional(),
  project: name.describe('The name of the migration; its workflow is project/<name>'),
  source: name
    .optional()
    .describe('A source of the connections file, for all tables that name no other'),
  cluster: name
    .optional()
    .describe('A cluster of the connections file, for all tables that name no other'),
  namespace: namespace.optional().describe('HBase namespace of targets that name none'),
  codec: codec
    .default('utf8')
    .describe(
      "How values become bytes: readable text, the layouts of HBase's Bytes, or those of Apache Phoenix",
    ),
  tables: z
    .array(z.union([sourceTable, tableShape]))
    .min(1)
    .describe('The tables: database.table, or a mapping with more to say'),
  limits: z
    .strictObject({
      tablesInParallel: atLeast(1, 64).default(4),
      rangesInParallel: atLeast(1, 64).default(4).describe('Of one table'),
      rowsPerRange: atLeast(1, 10_000_000).default(100_000),
      rowsPerSecond: atLeast(1, 10_000_000)
        .optional()
        .describe('For each range; default: no limit'),
      source: z
        .strictObject({
          threadsRunning: atLeast(1, 100_000)
            .optional()
            .describe('Threads_running of the source; default: not looked at'),
          replicationLag: duration
            .optional()
            .describe('Lag of the slowest of its replicas; default: not looked at'),
        })
        .prefault({})
        .describe('Loads and verifications wait while a source has more to do than this'),
      logRows: atLeast(1000, 1_000_000_000)
        .default(1_000_000)
        .describe('More changes waiting in the log of a source raise an alarm'),
      askAfter: duration
        .prefault('30m')
        .describe('A stage that takes longer asks whether to go on'),
      onNoAnswer: z.enum(['continue', 'stop']).default('continue'),
    })
    .prefault({}),
  verify: z
    .strictObject({
      mode: z
        .enum(VERIFY_MODES)
        .default('auto')
        .describe(
          'points asks HBase for each row, buckets compares sums of both sides first; default: by size. Less is proved by sample, which compares some rows, and by count, which compares the keys alone',
        ),
      sample: z
        .strictObject({
          percent: z.number().gt(0).max(100).default(1),
          rows: atLeast(1, 1_000_000_000).default(10_000).describe('At least so many rows'),
          seed: atLeast(0, 2_147_483_647)
            .optional()
            .describe('The same seed picks the same rows; default: others at each verification'),
        })
        .prefault({})
        .describe('In mode sample: how many rows of each table'),
      correct: z
        .enum(['auto', 'ask', 'never'])
        .default('ask')
        .describe('What happens to rows that differ'),
    })
    .prefault({}),
  switch: z
    .strictObject({
      maxLag: duration.prefault('5s').describe('A switchover is refused while the lag is longer'),
      certificateYoungerThan: duration
        .prefault('10m')
        .describe('It needs a certificate younger than this'),
      proof: z
        .enum(PROOFS)
        .default('full')
        .describe('What a verification has to have shown: every cell, a sample, or a count'),
      rollbackWithin: duration
        .optional()
        .describe(
          'For so long it can be taken back, and the triggers stay; default: everything is taken out at once',
        ),
    })
    .prefault({}),
})

type ProjectFile = z.output<typeof projectShape>
type TableEntry = z.output<typeof tableShape>

/** The project that the text of a project file describes; throws CONFIG_INVALID with everything wrong with it. */
export function parseProject(text: string, file: string): Project {
  const yaml = readYaml(text)
  if (yaml.problems.length > 0) throw invalid(file, yaml.problems)
  if (typeof yaml.value !== 'object' || yaml.value === null)
    throw invalid(file, [{ text: 'should be a mapping with project, source, cluster and tables' }])

  const parsed = projectShape.safeParse(yaml.value)
  const shape = parsed.success ? [] : explain(parsed.error.issues, yaml.value, projectNames())
  const references = findReferences(yaml.value).map((path) => ({
    path,
    text: `${formatPath(path)} refers to a secret; logins and secrets stand in the connections file`,
  }))
  const problems: Problem[] = [...shape, ...references, ...clashes(settleEach(yaml.value))].map(
    ({ path, text: sentence }) => ({ line: yaml.line(path), text: sentence }),
  )
  if (!parsed.success || problems.length > 0) throw invalid(file, problems)
  return settle(parsed.data)
}

/** Reads a project file. */
export const loadProject = async (file: string): Promise<Project> =>
  parseProject(await readText(file), file)

/** The project of this name in a folder of project files: `<name>.yaml`. Throws PROJECT_UNKNOWN. */
export async function findProject(folder: string, project: string): Promise<Project> {
  if (!name.safeParse(project).success)
    throw new SyncError('PROJECT_UNKNOWN', `${project} is not the name of a project`)
  for (const file of [`${project}.yaml`, `${project}.yml`].map((base) => join(folder, base))) {
    if (!(await exists(file))) continue
    const found = await loadProject(file)
    if (found.name === project) return found
    throw new SyncError(
      'PROJECT_UNKNOWN',
      `${file} describes the project ${found.name}, not ${project}`,
    )
  }
  throw new SyncError('PROJECT_UNKNOWN', `${folder} has no file ${project}.yaml`)
}

/** JSON Schema of a project file, for editors. */
export const projectSchema = (): object => ({
  title: 'Project file of longhaul',
  ...z.toJSONSchema(projectShape, { io: 'input' }),
})

const projectNames = (): KnownNames => projectSchema()

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  )

function settle(file: ProjectFile): Project {
  const { askAfter, rowsPerSecond = null, source, ...limits } = file.limits
  const { threadsRunning = null, replicationLag = null } = source
  return {
    name: file.project,
    tables: file.tables.map((entry) => settleTable(entry, file)),
    limits: {
      ...limits,
      rowsPerSecond,
      source: { threadsRunning, replicationLagSeconds: replicationLag },
      askAfterSeconds: askAfter,
    },
    verify: {
      ...file.verify,
      sample: { ...file.verify.sample, seed: file.verify.sample.seed ?? null },
    },
    switch: {
      maxLagSeconds: file.switch.maxLag,
      certificateMaxAgeSeconds: file.switch.certificateYoungerThan,
      proof: file.switch.proof,
      rollbackSeconds: file.switch.rollbackWithin ?? 0,
    },
  }
}

type Defaults = Pick<ProjectFile, 'source' | 'cluster' | 'namespace'> &
  Partial<Pick<ProjectFile, 'codec'>>

function settleTable(written: string | TableEntry, defaults: Defaults): Mapping {
  const entry = typeof written === 'string' ? tableShape.parse({ from: written }) : written
  const own = entry.from.slice(entry.from.indexOf('.') + 1)
  const target = entry.to ?? own
  return {
    name: entry.name ?? own,
    source: entry.source ?? defaults.source ?? '',
    cluster: entry.cluster ?? defaults.cluster ?? '',
    target: withNamespace(target, defaults.namespace),
    anchor: entry.from,
    families: [
      {
        family: entry.family ?? own,
        table: entry.from,
        path: [],
        rename: entry.rename,
        exclude: entry.exclude,
        ...codecsOf(entry, defaults),
      },
    ],
    rowKey: entry.rowKey,
    accept: entry.accept,
  }
}

/** What is usual is left out, so that a project without codecs is what it was before there were any. */
function codecsOf(
  { codec: own, codecs }: TableEntry,
  defaults: Defaults,
): Pick<FamilyMapping, 'codec' | 'codecs'> {
  const chosen = own ?? defaults.codec ?? 'utf8'
  return {
    ...(chosen === 'utf8' ? {} : { codec: chosen }),
    ...(Object.keys(codecs).length === 0 ? {} : { codecs }),
  }
}

/** HBase knows `default:goods` as `goods`; two names of one table would look like two tables. */
const withNamespace = (target: string, space: string | undefined): string =>
  (target.includes(':') || space === undefined ? target : `${space}:${target}`).replace(
    /^default:/,
    '',
  )

/** Every table whose own lines are right, wherever else the file is wrong: so that all problems are told at once. */
function settleEach(value: object): { at: number; mapping: Mapping }[] {
  const { tables, ...rest } = value as Readonly<Record<string, unknown>>
  if (!Array.isArray(tables)) return []
  const defaults: Record<string, string> = {}
  for (const key of ['source', 'cluster', 'namespace'])
    if (typeof rest[key] === 'string') defaults[key] = rest[key]
  return tables.flatMap((entry: unknown, at) => {
    const parsed = z.union([sourceTable, tableShape]).safeParse(entry)
    return parsed.success ? [{ at, mapping: settleTable(parsed.data, defaults) }] : []
  })
}
