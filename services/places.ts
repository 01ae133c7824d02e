import type { Log } from './contract.ts'

/** One place where a program may be. `look` says undefined when it is not there, and throws when the place is broken. */
export interface Place<T> {
  readonly origin: string
  look(): Promise<T | undefined>
}

export interface Search<T> {
  /** The server's name, for messages. */
  readonly what: string
  readonly places: readonly Place<T>[]
  /** What a person can do when no place has it: one sentence. */
  readonly advice: string
  readonly log: Log
  readonly signal: AbortSignal
}

/** Asks the places in order; a failing one is told and the next one asked. */
export async function firstOf<T>(search: Search<T>): Promise<T & { readonly origin: string }> {
  const { what, log, signal } = search
  const tried: string[] = []
  for (const place of search.places) {
    signal.throwIfAborted()
    const began = Date.now()
    try {
      const found = await place.look()
      if (found !== undefined) return { ...found, origin: place.origin }
      tried.push(`${place.origin}: not there`)
    } catch (error) {
      signal.throwIfAborted()
      const message = error instanceof Error ? error.message : String(error)
      const seconds = ((Date.now() - began) / 1000).toFixed(1)
      log(`${what}: ${place.origin} failed after ${seconds} s, trying the next place: ${message}`)
      tried.push(`${place.origin}: ${message}`)
    }
  }
  throw new Error(`${what} was found nowhere. ${search.advice}\n  ${tried.join('\n  ')}`)
}
