export interface Patience {
  /** Gives up after this long and throws the last error. */
  readonly milliseconds: number
  readonly pause: number
  /** Tests bring their own clock. */
  readonly sleep?: (milliseconds: number) => Promise<void>
}

/** Tries until it works or the error is one that trying again cannot mend. */
export async function repeat<T>(
  attempt: () => Promise<T>,
  mayPass: (error: unknown) => boolean,
  { milliseconds, pause, sleep = wait }: Patience,
): Promise<T> {
  for (let waited = 0; ; waited += pause) {
    try {
      return await attempt()
    } catch (error) {
      if (waited >= milliseconds || !mayPass(error)) throw error
      await sleep(pause)
    }
  }
}

export const wait = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds))
