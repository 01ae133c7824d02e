import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { ERRORS } from '../../hbase/index.ts'
import { calls, examples, methods, optionTypes, rowsUnder, snippets } from './readme.ts'

const here = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))
let folder = ''

/** A project of its own with a copy of the client, as the page tells: no package but the types of Node. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longhaul-readme-'))
  await cp(here('hbase'), join(folder, 'hbase'), { recursive: true })
  await mkdir(join(folder, 'node_modules/@types'), { recursive: true })
  await symlink(here('node_modules/@types/node'), join(folder, 'node_modules/@types/node'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('the examples of hbase/README.md', () => {
  test.each(examples().map((one, i) => [`${one.heading} (${i + 1})`, one, i] as const))(
    '%s runs and prints what the page says',
    async (_title, { code, prints }, i) => {
      const file = join(folder, `example-${i}.mts`)
      await writeFile(file, onThisMachine(code))
      const tsx = import.meta.resolve('tsx')
      const { stdout } = await promisify(execFile)(process.execPath, ['--import', tsx, file])
      if (prints !== undefined) expect(stdout).toBe(prints)
    },
  )

  test('have no type errors, nor has the client alone', async () => {
    const files = await Promise.all(
      snippets().map(async (code, i) => {
        const file = join(folder, `types-${i}.mts`)
        await writeFile(file, onThisMachine(code))
        return file
      }),
    )
    expect(typeErrors(files)).toEqual([])
  })
})

describe('hbase/README.md lists', () => {
  test('every error code, and whether trying again can help', () => {
    const told = rowsUnder('## Errors').map(([code = '', again = '']) => [code, again === 'yes'])
    const known = Object.entries(ERRORS).map(([code, { retryable }]) => [code, retryable])
    expect(Object.fromEntries(told)).toEqual(Object.fromEntries(known))
  })

  test.each([...optionTypes()])('every field of %s and no other', (name, fields) => {
    const told = rowsUnder(`### ${name}`).map(([field]) => field)
    expect(told.sort()).toEqual([...fields].sort())
  })

  test('every method and no other', () => {
    expect(calls()).toEqual(methods())
  })
})

/** With the server the tests have. */
const onThisMachine = (code: string): string =>
  code.replaceAll(`'127.0.0.1:16000'`, `'${inject('hbase')}'`)

function typeErrors(files: readonly string[]): string[] {
  const program = ts.createProgram(files, {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    allowImportingTsExtensions: true,
    noEmit: true,
    strict: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: true,
    types: ['node'],
    typeRoots: [join(folder, 'node_modules/@types')],
  })
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
}
