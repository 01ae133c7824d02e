import type { Path, Problem } from './problems.ts'
import { formatPath } from './problems.ts'

/** Where the values of references come from; throws when there is none, saying why. */
export interface Vault {
  env(name: string): string
  file(path: string): string
}

export interface Filled {
  readonly value: unknown
  /** What was filled in: never to be printed. */
  readonly secrets: readonly string[]
  /** Places that held a reference, by their formatted path. */
  readonly places: ReadonlySet<string>
  readonly problems: readonly (Problem & { readonly path: Path })[]
}

/** `${env:NAME}` or `${file:/path}`; any other `${...}` is somebody's mistake. */
const REFERENCE = /\$\{([^}]*)\}/g

/** Replaces every reference inside the texts of a value. What is filled in is never read as YAML. */
export function fillReferences(value: unknown, vault: Vault): Filled {
  const secrets: string[] = []
  const places = new Set<string>()
  const problems: (Problem & { path: Path })[] = []

  const one = (inside: string, path: Path): string => {
    try {
      const secret = resolve(inside, vault)
      if (secret !== '') secrets.push(secret)
      places.add(formatPath(path))
      return secret
    } catch (error) {
      problems.push({ path, text: `${formatPath(path)} ${(error as Error).message}` })
      return '${' + inside + '}'
    }
  }
  const filled = mapTexts(value, [], (text, path) =>
    text.replaceAll(REFERENCE, (_, inside: string) => one(inside, path)),
  )
  return { value: filled, secrets, places, problems }
}

/** The places that hold a reference, for a file that must not have any. */
export function findReferences(value: unknown): Path[] {
  const found: Path[] = []
  mapTexts(value, [], (text, path) => {
    if (/\$\{(env|file):/.test(text)) found.push(path)
    return text
  })
  return found
}

function resolve(inside: string, vault: Vault): string {
  const [, kind, name] = /^(env|file):(.+)$/.exec(inside) ?? []
  if (kind === undefined || name === undefined)
    throw new Error('holds a reference that is neither ${env:NAME} nor ${file:/path}')
  return kind === 'env' ? vault.env(name) : vault.file(name)
}

function mapTexts(
  value: unknown,
  path: Path,
  change: (text: string, path: Path) => string,
): unknown {
  if (typeof value === 'string') return change(value, path)
  if (Array.isArray(value)) return value.map((member, i) => mapTexts(member, [...path, i], change))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, mapTexts(member, [...path, key], change)]),
  )
}
