import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Node } from 'yaml'
import type { Path, Problem } from './problems.ts'

/** What a YAML file says. */
export interface Yaml {
  /** Plain values; a key without a value is left out, as if it were commented. Undefined for an unreadable file. */
  readonly value: unknown
  readonly problems: readonly Problem[]
  /** The line of the file that says this, or of the nearest thing around it. */
  line(path: Path): number | undefined
}

/** Reads the text of a YAML (or JSON) file; whatever is wrong with it is told in `problems`. */
export function readYaml(text: string): Yaml {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const problems = document.errors.map(({ message, pos: [at], code }) => ({
    line: lines.linePos(at).line,
    text:
      code === 'DUPLICATE_KEY'
        ? `${keyAt(text, at)} is written twice`
        : `is not YAML: ${message.split('\n')[0] ?? code}`,
  }))
  const line = (path: Path): number | undefined => {
    const offset = nodeAt(document.contents, path)
    return offset === undefined ? undefined : lines.linePos(offset).line
  }
  if (problems.length > 0) return { value: undefined, problems, line }
  try {
    return { value: withoutNulls(document.toJS()), problems, line }
  } catch {
    return { value: undefined, problems: [{ text: 'repeats itself by anchors too often' }], line }
  }
}

const keyAt = (text: string, offset: number): string =>
  /^[^\s:,}\]]+/.exec(text.slice(offset))?.[0] ?? 'A key'

/** `limits:` with all its lines commented out is null to YAML; to its author it is not there. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== null)
      .map(([key, member]) => [key, withoutNulls(member)]),
  )
}

/** Where the deepest node on this path begins: its key, when it is the member of a mapping. */
function nodeAt(root: unknown, path: Path): number | undefined {
  let found = start(root)
  let node = root
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step))
      if (pair === undefined) return found
      found = start(pair.key) ?? found
      node = pair.value
    } else if (isSeq(node)) {
      node = node.items[Number(step)]
      found = start(node) ?? found
    } else return found
    // What an alias stands for is written elsewhere; the alias is what this place says.
    if (isAlias(node)) return found
  }
  return found
}

const start = (node: unknown): number | undefined => (node as Node | null)?.range?.[0]
