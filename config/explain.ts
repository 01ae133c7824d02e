import type { z } from 'zod'
import { didYouMean, nearest } from '../model/nearest.ts'
import { formatPath, type Path } from './problems.ts'

type Issue = z.core.$ZodIssue
type Said = Readonly<{ path: Path; text: string }>

/** The parts of a JSON Schema that tell which names are known where. */
export interface KnownNames {
  readonly type?: string
  readonly properties?: Readonly<Record<string, KnownNames>>
  readonly items?: KnownNames
  readonly additionalProperties?: KnownNames | boolean
  readonly anyOf?: readonly KnownNames[]
}

/** Says what zod found in sentences: what is wrong, where, and what would be right. */
export function explain(issues: readonly Issue[], value: unknown, names: KnownNames): Said[] {
  const misspelt = new Set(issues.flatMap((issue) => keysMeant(issue, names)))
  return issues
    .filter((issue) => !(isMissing(issue, value) && misspelt.has(formatPath(issue.path))))
    .flatMap((issue) => explainOne(issue, value, names))
}

function explainOne(issue: Issue, value: unknown, names: KnownNames): Said[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => unknownKey(issue, key, names))
  const branch = issue.code === 'invalid_union' ? branchMeant(issue.errors) : undefined
  if (branch !== undefined) {
    const inner = branch.map((one) => ({ ...one, path: [...issue.path, ...one.path] }))
    return explain(inner, value, names)
  }
  const text = `${formatPath(issue.path)} ${predicate(issue, value)}`
  return [{ path: issue.path, text: text.trimStart() }]
}

const isMissing = (issue: Issue, value: unknown): boolean =>
  issue.code !== 'custom' && at(value, issue.path) === undefined

/** What the unknown keys stand for: to say that these are missing would tell the same twice. */
const keysMeant = (issue: Issue, names: KnownNames): string[] =>
  issue.code === 'unrecognized_keys'
    ? issue.keys.map((key) =>
        formatPath([...issue.path, nearest(key, keysAt(names, issue.path)) ?? key]),
      )
    : []

const SECRET = /pass(word|wd|phrase)?$|^pwd$|secret|credential|^user(name)?$|^token$/i

function unknownKey(issue: Issue, key: string, names: KnownNames): Said {
  const path = [...issue.path, key]
  const known = keysAt(names, issue.path)
  const place = formatPath(path)
  return SECRET.test(key) && !known.some((name) => SECRET.test(name))
    ? {
        path,
        text: `${place} does not belong here; logins and secrets stand in the connections file`,
      }
    : { path, text: `${place} is not known${didYouMean(key, known) || among(known)}` }
}

const among = (known: readonly string[]): string =>
  known.length === 0 || known.length > 12 ? '' : `; known are ${known.join(', ')}`

/** Names that may stand at this place. */
export function keysAt(names: KnownNames, path: Path): string[] {
  const branches = names.anyOf ?? [names]
  return branches.flatMap((branch) => {
    const [step, ...rest] = path
    if (step === undefined)
      return Object.keys(branch.properties ?? {}).filter((key) => !key.startsWith('$'))
    const member =
      typeof step === 'number'
        ? branch.items
        : (branch.properties?.[String(step)] ?? branch.additionalProperties)
    return typeof member === 'object' ? keysAt(member, rest) : []
  })
}

/** The types, as JSON Schema names them, that a member may have. */
export const typeAt = (names: KnownNames, key: string): string[] => {
  const member = names.properties?.[key]
  return (member?.anyOf ?? [member]).flatMap((one) => one?.type ?? [])
}

/** Of the alternatives of a union the one whose kind of value was written; its problems are the real ones. */
const branchMeant = (branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined =>
  branches.find(
    (issues) => !issues.some((issue) => issue.code === 'invalid_type' && issue.path.length === 0),
  )

function predicate(issue: Issue, value: unknown): string {
  const found = at(value, issue.path)
  if (isMissing(issue, value)) return 'is missing'
  // our own messages are predicates; zod's, and perhaps a dialect's, are whole sentences
  if (/^[a-z]/.test(issue.message)) return issue.message
  switch (issue.code) {
    case 'invalid_type':
      return `should be ${kind(issue.expected)}, not ${kindOf(found)}${quoteHint(issue.expected, found)}`
    case 'invalid_union':
      return `should be ${alternatives(issue.errors)}, not ${kindOf(found)}`
    case 'invalid_value':
      return oneOf(issue.values.map(String), found)
    case 'too_small':
      return bound(issue.origin, 'at least', issue.minimum)
    case 'too_big':
      return bound(issue.origin, 'at most', issue.maximum)
    case 'invalid_key':
      return issue.issues.map(({ message }) => message).join(', ')
    default:
      return `is not valid: ${issue.message}`
  }
}

const alternatives = (branches: readonly (readonly Issue[])[]): string =>
  [
    ...new Set(
      branches
        .flat()
        .flatMap((issue) => (issue.code === 'invalid_type' ? [kind(issue.expected)] : [])),
    ),
  ].join(' or ')

const kind = (expected: string): string => KINDS[expected] ?? expected

const oneOf = (values: readonly string[], found: unknown): string =>
  `should be ${values.length === 1 ? '' : 'one of '}${values.join(', ')}${
    typeof found === 'string' ? didYouMean(found, values) : ''
  }`

const bound = (origin: string, most: string, limit: number | bigint): string => {
  if (origin === 'array') return `should have ${most} ${String(limit)} of them`
  if (origin === 'string') return `should have ${most} ${String(limit)} characters`
  return `should be ${most} ${String(limit)}`
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
}

const kindOf = (value: unknown): string => {
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'number') return Number.isInteger(value) ? 'a number' : 'a fraction'
  return KINDS[typeof value] ?? typeof value
}

const quoteHint = (expected: string, found: unknown): string =>
  expected === 'string' && (typeof found === 'number' || typeof found === 'boolean')
    ? '; put it in quotes'
    : ''

const at = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>(
    (inner, step) =>
      typeof inner === 'object' && inner !== null
        ? (inner as Readonly<Record<PropertyKey, unknown>>)[step]
        : undefined,
    value,
  )
