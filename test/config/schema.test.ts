import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { SCHEMAS } from '../../config/schema.ts'

const published = async (name: string): Promise<unknown> =>
  JSON.parse(await readFile(new URL(`../../config/${name}`, import.meta.url), 'utf8'))

test.each(Object.keys(SCHEMAS))(
  '%s is what the code says; if not: tsx config/schema.ts',
  async (name) => {
    expect(await published(name)).toEqual(JSON.parse(JSON.stringify(SCHEMAS[name]?.())))
  },
)

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly additionalProperties?: Schema | boolean
}

/** Every setting, by its last name. */
function settings(schema: Schema): string[] {
  const inner = [schema.items, schema.additionalProperties, ...(schema.anyOf ?? [])]
  return [
    ...Object.entries(schema.properties ?? {}).flatMap(([key, value]) => [key, ...settings(value)]),
    ...inner.flatMap((one) => (typeof one === 'object' ? settings(one) : [])),
  ]
}

describe('the examples tell every setting', () => {
  test.each(['project', 'connections'])('of a %s file', async (kind) => {
    const example = await readFile(`config/${kind}.example.yaml`, 'utf8')
    const all = new Set(settings((await published(`${kind}.schema.json`)) as Schema))
    // the store in memory is for tests
    const untold = [...all].filter(
      (key) => !new RegExp(`\\b${key.replace('$', '\\$')}:`).test(example),
    )
    expect(
      untold.filter(
        (key) => !['$schema', ...(kind === 'connections' ? ['cluster'] : [])].includes(key),
      ),
    ).toEqual([])
  })
})
