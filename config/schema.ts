import { writeFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { connectionsSchema } from './connections.ts'
import { projectSchema } from './project.ts'

/** The published JSON Schemas by file name. `tsx config/schema.ts` writes them, `prettier --write config` lays them out. */
export const SCHEMAS: Readonly<Record<string, () => object>> = {
  'project.schema.json': projectSchema,
  'connections.schema.json': connectionsSchema,
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  for (const [name, schema] of Object.entries(SCHEMAS))
    await writeFile(new URL(name, import.meta.url), JSON.stringify(schema(), null, 2))
