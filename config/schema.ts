import { writeFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { connectionsSchema } from './connections.ts'
import { projectSchema } from './project.ts'

/** The published JSON Schemas: file name to text. `tsx config/schema.ts` writes them. */
export const SCHEMAS: Readonly<Record<string, () => string>> = {
  'project.schema.json': () => text(projectSchema()),
  'connections.schema.json': () => text(connectionsSchema()),
}

const text = (schema: object): string => `${JSON.stringify(schema, null, 2)}\n`

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  for (const [name, schema] of Object.entries(SCHEMAS))
    await writeFile(new URL(name, import.meta.url), schema())
