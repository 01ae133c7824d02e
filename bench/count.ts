import { InvalidArgumentError } from '@commander-js/extra-typings'

/** Reads the argument of an option: a whole number, no smaller than this. */
export const countFrom =
  (least: number) =>
  (text: string): number => {
    const value = Number(text)
    if (!Number.isSafeInteger(value) || value < least)
      throw new InvalidArgumentError(`a whole number from ${least} on`)
    return value
  }

/** The same with commas, in ascending order. */
export const countsFrom =
  (least: number) =>
  (text: string): number[] =>
    text
      .split(',')
      .map(countFrom(least))
      .sort((a, b) => a - b)
