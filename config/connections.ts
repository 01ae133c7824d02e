import type { KeyObject } from 'node:crypto'
import { z } from 'zod'
import { SyncError } from '../model/errors.ts'
import { stores } from '../sinks/index.ts'
import type { Sink } from '../sinks/sink.ts'
import { dialects } from '../sources/index.ts'
import type { Source } from '../sources/source.ts'
import { explain, type KnownNames } from './explain.ts'
import { kindsSchema, readKind, type Kinds, type Opener } from './kinds.ts'
import { readText, vaultOf } from './load.ts'
import { didYouMean } from '../model/nearest.ts'
import { formatPath, invalid } from './problems.ts'
import { certificateShape, readSigningKey } from './signing.ts'
import { fillReferences, type Vault } from './references.ts'
import { name as nameShape } from './shapes.ts'
import { readYaml } from './yaml.ts'

export interface Connections {
  readonly sources: ReadonlyMap<string, Opener<Source>>
  readonly clusters: ReadonlyMap<string, Opener<Sink>>
  /** A private Ed25519 key; null when the file names none. */
  readonly signingKey: KeyObject | null
  /** Passwords and whatever else was filled in: to be struck out of all that is printed or sent. */
  readonly secrets: readonly string[]
}

/** Reads a connections file; throws CONFIG_INVALID with everything wrong with it, and no secret. */
export const loadConnections = async (file: string): Promise<Connections> =>
  parseConnections(await readText(file), file, vaultOf(file))

/** The source of this name; throws SOURCE_UNKNOWN. */
export const sourceOf = ({ sources }: Connections, name: string): Opener<Source> =>
  sources.get(name) ?? unknown('SOURCE_UNKNOWN', name, sources)

/** The cluster of this name; throws CLUSTER_UNKNOWN. */
export const clusterOf = ({ clusters }: Connections, name: string): Opener<Sink> =>
  clusters.get(name) ?? unknown('CLUSTER_UNKNOWN', name, clusters)

/** The connections that the text of a connections file describes. */
export function parseConnections(text: string, file: string, vault: Vault): Connections {
  const yaml = readYaml(text)
  if (yaml.problems.length > 0) throw invalid(file, yaml.problems)
  const filled = fillReferences(yaml.value, vault)
  const parsed = fileShape.safeParse(filled.value)
  const said = parsed.success ? [] : explain(parsed.error.issues, filled.value, connectionsNames())

  const read = <T>(section: string, kinds: Kinds<T>): Map<string, Opener<T>> => {
    const openers = new Map<string, Opener<T>>()
    for (const [name, settings] of entries(filled.value, section)) {
      const place = { path: [section, name], filled: filled.places }
      const result = readKind(settings, kinds, place)
      if ('said' in result) said.push(...result.said)
      else openers.set(name, { name, ...result })
    }
    return openers
  }
  const sources = read('sources', DIALECTS)
  const clusters = read('clusters', STORES)

  const signing = readSigningKey(filled.value)
  said.push(...signing.said)

  // of a value that could not be filled in, nothing else can be said
  const unfilled = new Set(filled.problems.map(({ path }) => formatPath(path)))
  const problems = [
    ...said.filter(({ path }) => !unfilled.has(formatPath(path))),
    ...filled.problems,
  ]
  if (problems.length > 0)
    throw invalid(
      file,
      problems.map(({ path, text: sentence }) => ({ line: yaml.line(path), text: sentence })),
    )
  return {
    sources,
    clusters,
    signingKey: signing.key,
    secrets: [...filled.secrets, ...writtenSecrets(filled.value)],
  }
}

/** JSON Schema of a connections file, for editors. */
export const connectionsSchema = (): object => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Connections file of longhaul',
  type: 'object',
  properties: {
    $schema: { type: 'string' },
    sources: kindsSchema('The databases tables are moved from, by name', DIALECTS),
    clusters: kindsSchema('The HBase clusters they are moved to, by name', STORES),
    certificate: certificateSchema(),
  },
  required: ['sources', 'clusters'],
  additionalProperties: false,
})

const DIALECTS: Kinds<Source> = { key: 'dialect', usual: 'mysql', known: dialects }
const STORES: Kinds<Sink> = { key: 'store', usual: 'hbase', known: stores }

// the settings themselves are checked one by one, each by the shape of its own kind
const named = z.record(nameShape, z.record(z.string(), z.unknown()))
const fileShape = z.strictObject({
  $schema: z.string().optional(),
  sources: named,
  clusters: named,
  certificate: certificateShape.optional(),
})

const certificateSchema = (): object => {
  const schema: Partial<z.core.JSONSchema.BaseSchema> = z.toJSONSchema(certificateShape)
  delete schema.$schema // it is a part of ours
  return schema
}

const connectionsNames = (): KnownNames => connectionsSchema()

function entries(file: unknown, key: string): [string, Readonly<Record<string, unknown>>][] {
  const inside = (file as Readonly<Record<string, unknown>> | undefined)?.[key]
  if (typeof inside !== 'object' || inside === null) return []
  return Object.entries(inside).filter(
    (entry): entry is [string, Record<string, unknown>] =>
      typeof entry[1] === 'object' && entry[1] !== null && !Array.isArray(entry[1]),
  )
}

/** Secrets that stand in the file itself are as secret as those it refers to. */
function writtenSecrets(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, member]) =>
    typeof member === 'string' && /password|secret|key$/i.test(key) && member !== ''
      ? [member]
      : writtenSecrets(member),
  )
}

function unknown(
  code: 'SOURCE_UNKNOWN' | 'CLUSTER_UNKNOWN',
  name: string,
  known: ReadonlyMap<string, unknown>,
): never {
  throw new SyncError(code, `${name}${didYouMean(name, known.keys())}`)
}
