// What hbase/README.md says, and what the code has, in comparable form.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const HBASE = new URL('../../hbase/', import.meta.url)
const TEXT = readFileSync(new URL('README.md', HBASE), 'utf8')
const ENTRY = fileURLToPath(new URL('index.ts', HBASE))

/** One that is run: its fence says `ts`. What needs another server than the tests have says `typescript`. */
export interface Example {
  /** The heading it stands under. */
  readonly heading: string
  readonly code: string
  /** What the page says it prints; undefined when it says nothing. */
  readonly prints: string | undefined
}

/** Every TypeScript example, with the `text` block right after it. */
export const examples = (): Example[] =>
  [...TEXT.matchAll(/```ts\n(.*?)```(?:\n+[^\n]*prints:\n+```text\n(.*?)```)?/gs)].map((found) => ({
    heading:
      TEXT.slice(0, found.index)
        .match(/^#+ .*$/gm)
        ?.at(-1) ?? '',
    code: found[1] ?? '',
    prints: found[2],
  }))

/** All TypeScript on the page, also what is not run. */
export const snippets = (): string[] =>
  [...TEXT.matchAll(/```(?:ts|typescript)\n(.*?)```/gs)].map(([, code = '']) => code)

/** The rows of the table under a heading, code marks taken off. */
export const rowsUnder = (heading: string): string[][] => {
  const section = TEXT.split(/^(?=#+ )/m).find((part) => part.startsWith(`${heading}\n`))
  if (section === undefined) throw new Error(`hbase/README.md has no heading "${heading}".`)
  return [...section.matchAll(/^\|(.*)\|$/gm)]
    .map(([, row = '']) => row.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('`', '')))
    .filter(([first = '']) => first !== '' && !first.startsWith('---') && !TITLES.includes(first))
}

const TITLES = ['option', 'field', 'code', 'call', 'file', 'channel']

/** Everything called as client.…( in the tables. */
export const calls = (): string[] =>
  [...TEXT.matchAll(/^\| `(client\.[\w.]+)\(/gm)].map(([, name = '']) => name).sort()

const program = ts.createProgram([ENTRY], {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  allowImportingTsExtensions: true,
  noEmit: true,
  strict: true,
  skipLibCheck: true,
})
const checker = program.getTypeChecker()

function exported(): ts.Symbol[] {
  const source = program.getSourceFile(ENTRY)
  const module = source && checker.getSymbolAtLocation(source)
  if (module === undefined) throw new Error('hbase/index.ts exports nothing.')
  return checker.getExportsOfModule(module)
}

const declared = (symbol: ts.Symbol): ts.Symbol =>
  symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol

/** The exported interfaces of options, and of what several of them share, with the names of their own members. */
export const optionTypes = (): Map<string, string[]> =>
  new Map(
    exported()
      .filter(({ name }) => name.endsWith('Options') || name === 'Selection')
      .map((symbol) => [
        symbol.name,
        ownMembersOf(checker.getDeclaredTypeOfSymbol(declared(symbol))),
      ]),
  )

/** All methods of the client and of its `admin`, as they are called. */
export function methods(): string[] {
  const client = exported().find(({ name }) => name === 'HBaseClient')
  if (client === undefined) throw new Error('There is no HBaseClient.')
  const type = checker.getDeclaredTypeOfSymbol(declared(client))
  return methodsOf(type, 'client').sort()
}

function methodsOf(type: ts.Type, path: string): string[] {
  return type.getProperties().flatMap((property) => {
    if (property.name.startsWith('__#') || property.name.startsWith('#')) return []
    const own = checker.getTypeOfSymbol(property)
    const name = `${path}.${property.name}`
    return own.getCallSignatures().length > 0 ? [name] : methodsOf(own, name)
  })
}

/** Without what it inherits, which is told once. */
function ownMembersOf(type: ts.Type): string[] {
  const inherited = (type.getBaseTypes() ?? []).flatMap((base) => base.getProperties())
  const names = new Set(inherited.map(({ name }) => name))
  return type.getProperties().flatMap(({ name }) => (names.has(name) ? [] : [name]))
}
