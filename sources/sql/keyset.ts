/**
 * Rows whose key comes after `values`, in the database's own order.
 *   (a, b) after (1, 2)   ->   (a > 1 OR (a = 1 AND b > 2))
 * Written out instead of as a row comparison, which MariaDB and old plans answer with a full scan.
 */
export const after = (columns: readonly string[], values: readonly string[]): string =>
  compared(columns, values, ['>', '>'])

/**
 * Rows whose key is `values` or comes before.
 *   (a, b) up to (1, 2)   ->   (a < 1 OR (a = 1 AND b <= 2))
 */
export const upTo = (columns: readonly string[], values: readonly string[]): string =>
  compared(columns, values, ['<', '<='])

/**
 * Rows with one of these keys.
 *   a among 1, 2            ->   a IN (1, 2)
 *   (a, b) among (1, 2), (3, 4)   ->   ((a = 1 AND b = 2) OR (a = 3 AND b = 4))
 */
export function among(columns: readonly string[], keys: readonly (readonly string[])[]): string {
  if (columns.length === 1)
    return `${columns[0] ?? ''} IN (${keys.map((key) => key[0]).join(', ')})`
  return `(${keys.map((key) => `(${equal(columns, key)})`).join(' OR ')})`
}

const equal = (columns: readonly string[], values: readonly string[]): string =>
  columns.map((column, i) => `${column} = ${values[i] ?? ''}`).join(' AND ')

function compared(
  columns: readonly string[],
  values: readonly string[],
  [strict, last]: readonly [strict: string, last: string],
): string {
  const alternatives = columns.map((column, i) => {
    const operator = i === columns.length - 1 ? last : strict
    const step = `${column} ${operator} ${values[i] ?? ''}`
    return i === 0 ? step : `(${equal(columns.slice(0, i), values)} AND ${step})`
  })
  return `(${alternatives.join(' OR ')})`
}
