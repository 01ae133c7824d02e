import { z } from 'zod'
import { explain, keysAt, typeAt, type KnownNames } from './explain.ts'
import { didYouMean } from '../model/nearest.ts'
import { formatPath, type Path } from './problems.ts'
import { name as nameShape } from './shapes.ts'

/** Dialects and stores alike: a name, the shape of its settings, a way to open it. */
export interface Kind<T> {
  readonly name: string
  readonly options: { parse(input: unknown): unknown }
  open(options: unknown): Promise<T>
}

export interface Kinds<T> {
  /** The setting that names the kind. */
  readonly key: string
  readonly usual: string
  readonly known: Readonly<Record<string, Kind<T>>>
}

/** A connection that the file describes and nobody has opened yet. */
export interface Opener<T> {
  readonly name: string
  /** The dialect or store. */
  readonly kind: string
  open(): Promise<T>
}

export interface Place {
  readonly path: Path
  /** Places whose text came from a reference, formatted. */
  readonly filled: ReadonlySet<string>
}

/** Checks the settings of one connection by the shape of its own kind. */
export function readKind<T>(
  settings: Readonly<Record<string, unknown>>,
  { key, usual, known }: Kinds<T>,
  { path, filled }: Place,
): Omit<Opener<T>, 'name'> | { said: { path: Path; text: string }[] } {
  const { [key]: chosen = usual, ...rest } = settings
  const kind =
    typeof chosen === 'string' && Object.hasOwn(known, chosen) ? known[chosen] : undefined
  if (kind === undefined) {
    const place = [...path, key]
    const hint = typeof chosen === 'string' ? didYouMean(chosen, Object.keys(known)) : ''
    const text = `${formatPath(place)} should be one of ${Object.keys(known).join(', ')}${hint}`
    return { said: [{ path: place, text }] }
  }
  const names = schemaOf(kind) as KnownNames
  const input = keysAt(names, []).includes(key) ? { ...rest, [key]: kind.name } : rest
  const typed = withTypes(input, names, (inner) => filled.has(formatPath([...path, ...inner])))
  try {
    const options = kind.options.parse(typed)
    return { kind: kind.name, open: () => kind.open(options) }
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error
    const inside = explain(error.issues, typed, { ...names, ...withKey(names, key) })
    return {
      said: inside.map(({ path: inner, text }) => ({
        path: [...path, ...inner],
        text: `${formatPath(path)}.${text}`,
      })),
    }
  }
}

/** What an environment variable says is text; where a number or a truth value is wanted it is read as one. */
function withTypes(
  input: Readonly<Record<string, unknown>>,
  names: KnownNames,
  isFilled: (path: Path) => boolean,
): Record<string, unknown> {
  const typed = Object.entries(input).map(([key, value]): [string, unknown] => {
    if (typeof value !== 'string' || !isFilled([key])) return [key, value]
    const wanted = typeAt(names, key)
    if (wanted.some((type) => type === 'integer' || type === 'number') && /^\d+$/.test(value))
      return [key, Number(value)]
    if (wanted.includes('boolean') && /^(true|false)$/.test(value)) return [key, value === 'true']
    return [key, value]
  })
  return Object.fromEntries(typed)
}

const withKey = (names: KnownNames, key: string): KnownNames => ({
  properties: { ...names.properties, [key]: {} },
})

const schemaOf = (kind: Kind<unknown>): object => {
  if (!(kind.options instanceof z.ZodType)) return {}
  const schema: Partial<z.core.JSONSchema.BaseSchema> = z.toJSONSchema(kind.options, {
    io: 'input',
  })
  delete schema.$schema // it is a part of ours
  return schema
}

/** JSON Schema of a mapping from names to connections of these kinds. */
export function kindsSchema(description: string, { key, usual, known }: Kinds<unknown>): object {
  const kinds = Object.values(known).map((kind) => {
    const schema = schemaOf(kind) as { properties?: object; required?: string[] }
    const required = (schema.required ?? []).filter((one) => one !== key)
    return {
      ...schema,
      properties: {
        ...schema.properties,
        [key]: { description: `The kind; ${usual} when left out`, const: kind.name },
      },
      required: kind.name === usual ? required : [key, ...required],
    }
  })
  const { pattern } = z.toJSONSchema(nameShape)
  return {
    description,
    type: 'object',
    propertyNames: { pattern },
    additionalProperties: kinds.length === 1 ? kinds[0] : { anyOf: kinds },
  }
}
