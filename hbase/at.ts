/** The element at a position known to exist. Throws a RangeError when it does not. */
export function at<T>(list: readonly T[], position: number): T {
  const element = list[position]
  if (element === undefined) throw new RangeError(`nothing at position ${position}`)
  return element
}
