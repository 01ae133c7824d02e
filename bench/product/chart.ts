const WIDTH = 720
const LEFT = 150
const BAR = 26
const STEP = BAR + 8
/** Of the longest bar. */
const ROOM = WIDTH - LEFT - 130

export const BLUE = '#2f6fde'
export const GREY = '#9aa3ad'

/** One bar; its parts stand one behind the other. */
export interface Bar {
  readonly label: string
  readonly parts: readonly { readonly value: number; readonly colour: string }[]
  /** What stands behind it. */
  readonly text: string
}

/** Bars that are drawn to one scale. */
export interface Group {
  readonly title: string
  readonly bars: readonly Bar[]
}

/** Bars below each other as SVG, with a legend if there is one: names and their colours. */
export function barChart(
  groups: readonly Group[],
  legend: readonly (readonly [name: string, colour: string])[] = [],
): string {
  const drawn: string[] = []
  let y = 24
  for (const { title, bars } of groups) {
    drawn.push(text(12, y, title, 'font-weight="bold"'))
    const longest = Math.max(...bars.map(lengthOf), Number.MIN_VALUE)
    for (const [i, bar] of bars.entries()) drawn.push(...barAt(bar, y + 12 + i * STEP, longest))
    y += 38 + bars.length * STEP
  }
  for (const [no, [name, colour]] of legend.entries()) {
    const x = LEFT + no * 140
    drawn.push(`<rect x="${x}" y="${y - 20}" width="12" height="12" fill="${colour}"/>`)
    drawn.push(text(x + 18, y - 10, name))
  }
  const height = legend.length > 0 ? y + 6 : y - 22
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="14" fill="#1c2733">
<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>
${drawn.join('\n')}
</svg>
`
}

/** A bar of one part. */
export const plainBar = (label: string, value: number, digits = 0, colour = BLUE): Bar => ({
  label,
  parts: [{ value, colour }],
  text: value.toLocaleString('en', { maximumFractionDigits: digits }),
})

const lengthOf = ({ parts }: Bar): number => parts.reduce((sum, { value }) => sum + value, 0)

function barAt(bar: Bar, y: number, longest: number): string[] {
  const drawn = [text(12, y + 18, bar.label)]
  let x = LEFT
  for (const { value, colour } of bar.parts) {
    const width = (value / longest) * ROOM
    drawn.push(
      `<rect x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${BAR}" fill="${colour}"/>`,
    )
    x += width
  }
  drawn.push(text(x + 8, y + 18, bar.text))
  return drawn
}

const text = (x: number, y: number, words: string, more = ''): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${more}>${words}</text>`
