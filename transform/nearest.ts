/** `; did you mean "colour"?` when one of the names is close to what was written, else nothing. */
export function hint(written: string, names: readonly string[]): string {
  let best: string | undefined
  let least = Math.max(2, Math.floor(written.length / 3)) + 1
  for (const name of names) {
    const steps = distance(written.toLowerCase(), name.toLowerCase())
    if (steps < least) {
      best = name
      least = steps
    }
  }
  return best === undefined ? '' : `; did you mean "${best}"?`
}

/** How many letters must be put in, taken out or changed to turn one text into the other. */
function distance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const line = [i]
    for (let j = 1; j <= b.length; j++) {
      const swap = (above[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)
      line[j] = Math.min(swap, (above[j] as number) + 1, (line[j - 1] as number) + 1)
    }
    above = line
  }
  return above[b.length] as number
}
