/** The slope of log(y) over log(x), by least squares: 1 when y grows as x does. */
export function slope(x: readonly number[], y: readonly number[]): number {
  const points = x.map((value, i) => [Math.log(value), Math.log(y[i] ?? NaN)] as const)
  const mean = (of: 0 | 1): number => points.reduce((sum, one) => sum + one[of], 0) / points.length
  const [meanX, meanY] = [mean(0), mean(1)]
  const over = points.reduce((sum, [a, b]) => sum + (a - meanX) * (b - meanY), 0)
  const under = points.reduce((sum, [a]) => sum + (a - meanX) ** 2, 0)
  return over / under
}
