import { micros, rate, STATIONS } from './series.ts'
import type { Measured, Pair, Station } from './series.ts'

const WIDTH = 720
const LEFT = 110
const BAR = 26
const ROOM = WIDTH - LEFT - 130
const COLOURS: Readonly<Record<Station, string>> = {
  client: '#2f6fde',
  source: '#e0a030',
  hbase: '#9aa3ad',
  temporal: '#b06fc4',
}
const NAMES: Readonly<Record<Station, string>> = {
  client: 'worker, or loader',
  source: 'source',
  hbase: 'HBase',
  temporal: 'Temporal',
}
const SIDES = ['longhaul', 'java'] as const
const LABELS = { longhaul: 'longhaul', java: 'Java' } as const

const middle = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

const text = (x: number, y: number, words: string, more = ''): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${more}>${words}</text>`

const box = (x: number, y: number, width: number, colour: string): string =>
  `<rect x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${BAR}" fill="${colour}"/>`

/** Rows a second and processor time by station, of loads by warm processes: the middle of all pairs, as SVG. */
export function chartOf(pairs: readonly Pair[]): string {
  const of = (side: (typeof SIDES)[number], by: (one: Measured) => number): number =>
    middle(pairs.map(({ warm }) => by(warm[side])))
  const rates = SIDES.map((side) => of(side, rate))
  const shares = SIDES.map((side) => STATIONS.map((name) => of(side, (one) => micros(one, [name]))))
  const fastest = Math.max(...rates)
  const dearest = Math.max(...shares.map((all) => all.reduce((sum, one) => sum + one, 0)))

  const parts: string[] = [text(12, 24, 'Rows a second', 'font-weight="bold"')]
  for (const [i, side] of SIDES.entries()) {
    const y = 36 + i * (BAR + 8)
    const length = ((rates[i] ?? 0) / fastest) * ROOM
    parts.push(text(12, y + 18, LABELS[side]), box(LEFT, y, length, COLOURS.client))
    parts.push(text(LEFT + length + 8, y + 18, Math.round(rates[i] ?? 0).toLocaleString('en')))
  }
  parts.push(text(12, 130, 'Processor time per row, µs', 'font-weight="bold"'))
  for (const [i, side] of SIDES.entries()) {
    const y = 142 + i * (BAR + 8)
    let x = LEFT
    parts.push(text(12, y + 18, LABELS[side]))
    for (const [no, name] of STATIONS.entries()) {
      const length = ((shares[i]?.[no] ?? 0) / dearest) * ROOM
      parts.push(box(x, y, length, COLOURS[name]))
      x += length
    }
    const sum = (shares[i] ?? []).reduce((all, one) => all + one, 0)
    parts.push(text(x + 8, y + 18, sum.toFixed(1)))
  }
  for (const [no, name] of STATIONS.entries()) {
    const x = LEFT + no * 150
    parts.push(`<rect x="${x}" y="220" width="12" height="12" fill="${COLOURS[name]}"/>`)
    parts.push(text(x + 18, 230, NAMES[name]))
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} 246" font-family="sans-serif" font-size="14" fill="#1c2733">
<rect width="${WIDTH}" height="246" fill="#ffffff"/>
${parts.join('\n')}
</svg>
`
}
