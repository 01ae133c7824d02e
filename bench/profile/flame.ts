/** What V8's profiler writes (Chrome DevTools Protocol, Profiler.Profile); times in microseconds. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: {
      readonly functionName: string
      readonly url: string
      readonly lineNumber: number
    }
    readonly children?: readonly number[]
  }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

interface Frame {
  readonly name: string
  micros: number
  readonly callees: Map<string, Frame>
}

const WIDTH = 1200
const LINE = 18
const NARROWEST = 1
const LETTER = 6.2
/** Waiting is no work. */
const IDLE = new Set(['(idle)', '(root)'])

/** Where the processor time of a profile went, as a flame graph: callers below, wider is longer, without idling. */
export function flameGraphOf(profile: CpuProfile, title: string): string {
  const root = framesOf(profile)
  const depth = depthOf(root, root.micros)
  const height = LINE * (depth + 2)
  const parts: string[] = []
  draw(
    root,
    { x: 0, y: height - LINE, scale: WIDTH / Math.max(1, root.micros), all: root.micros },
    parts,
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="monospace" font-size="11">
<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>
<text x="6" y="13" font-size="13">${escape(title)}</text>
${parts.join('\n')}
</svg>
`
}

/** The share of the processor time that each function took itself, largest first. */
export function sharesOf(profile: CpuProfile): readonly (readonly [name: string, share: number])[] {
  const own = new Map<string, number>()
  const root = framesOf(profile)
  const visit = ({ name, micros, callees }: Frame): void => {
    let rest = micros
    for (const callee of callees.values()) {
      rest -= callee.micros
      visit(callee)
    }
    own.set(name, (own.get(name) ?? 0) + rest)
  }
  visit(root)
  return [...own]
    .map(([name, micros]) => [name, micros / root.micros] as const)
    .toSorted(([, a], [, b]) => b - a)
}

function framesOf({ nodes, samples, timeDeltas }: CpuProfile): Frame {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const callers = new Map(
    nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)),
  )
  const root: Frame = { name: 'all', micros: 0, callees: new Map() }
  for (const [i, sample] of samples.entries()) {
    const stack: string[] = []
    for (let id: number | undefined = sample; id !== undefined; id = callers.get(id)) {
      const node = byId.get(id)
      if (node !== undefined) stack.push(nameOf(node.callFrame))
    }
    if (IDLE.has(stack[0] ?? '(idle)')) continue
    const micros = timeDeltas[i] ?? 0
    let frame = root
    frame.micros += micros
    for (const name of stack.reverse().filter((one) => !IDLE.has(one))) {
      const next = frame.callees.get(name) ?? { name, micros: 0, callees: new Map() }
      frame.callees.set(name, next)
      next.micros += micros
      frame = next
    }
  }
  return root
}

type CallFrame = CpuProfile['nodes'][number]['callFrame']

function nameOf({ functionName, url, lineNumber }: CallFrame): string {
  const file = url.split('/').slice(-2).join('/')
  const name = functionName === '' ? '(anonymous)' : functionName
  return file === '' ? name : `${name} ${file}:${lineNumber + 1}`
}

const isWide = ({ micros }: Frame, all: number): boolean => (micros / all) * WIDTH >= NARROWEST

const depthOf = (frame: Frame, all: number): number =>
  1 +
  Math.max(
    0,
    ...[...frame.callees.values()]
      .filter((one) => isWide(one, all))
      .map((one) => depthOf(one, all)),
  )

interface Place {
  readonly x: number
  readonly y: number
  readonly scale: number
  readonly all: number
}

function draw(frame: Frame, { x, y, scale, all }: Place, parts: string[]): void {
  const width = frame.micros * scale
  const letters = Math.floor((width - 6) / LETTER)
  const share = ((100 * frame.micros) / all).toFixed(1)
  const label = letters < 3 ? '' : escape(frame.name.slice(0, letters))
  parts.push(
    `<g><title>${escape(frame.name)}: ${share} %</title><rect x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${LINE - 1}" fill="${colourOf(frame.name)}"/>` +
      `<text x="${(x + 3).toFixed(1)}" y="${y + 12}">${label}</text></g>`,
  )
  let next = x
  for (const callee of [...frame.callees.values()].toSorted((a, b) => b.micros - a.micros)) {
    if (isWide(callee, all)) draw(callee, { x: next, y: y - LINE, scale, all }, parts)
    next += callee.micros * scale
  }
}

const COLOURS = [
  '#f2c083',
  '#f0a868',
  '#f4d58d',
  '#ee9b7a',
  '#f7b267',
  '#e9b872',
  '#f6c1a0',
  '#f2cf77',
]

/** The same function always has the same colour; what is not ours to change is grey. */
function colourOf(name: string): string {
  if (name.startsWith('(')) return '#c9ced4'
  let hash = 7
  for (const letter of name) hash = (hash * 31 + letter.charCodeAt(0)) % 360
  return COLOURS[hash % COLOURS.length] ?? ''
}

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
