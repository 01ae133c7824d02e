type Close = () => Promise<unknown>

/** What has to be undone, the last thing first. */
export interface Closing {
  /** Runs at once when everything is closed already: nothing is started behind the end's back. */
  readonly add: (close: Close) => void
  /** Closes everything; one that fails does not keep the others open. Safe to repeat. */
  readonly close: () => Promise<void>
}

export function closing(): Closing {
  const open: Close[] = []
  let done: Promise<void> | null = null
  const all = async (): Promise<void> => {
    for (let last = open.pop(); last !== undefined; last = open.pop())
      await last().catch(() => undefined)
  }
  return {
    add(close) {
      open.push(close)
      if (done !== null) done = done.then(all)
    },
    close: () => (done ??= all()),
  }
}

/** Opens something and sees to it that it is closed, even if the end comes before it is open. */
export function opened<T>(
  { add }: Closing,
  opening: Promise<T>,
  close: (resource: T) => Promise<unknown>,
): Promise<T> {
  add(async () => {
    const resource = await opening.catch(() => undefined)
    if (resource !== undefined) await close(resource)
  })
  return opening
}
