export { columns, count, plural } from '../cli/numbers.ts'

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`

/** Tells how long it has been since, whenever asked. */
export function stopwatch(): () => string {
  const began = performance.now()
  return () => seconds(performance.now() - began)
}

/** As `ps` and `top` count. */
export const megabytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MB`
