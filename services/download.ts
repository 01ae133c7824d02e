import { rm } from 'node:fs/promises'
import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { difference } from './checksum.ts'
import type { Pinned } from './checksum.ts'

// A source that says nothing for so long is left for the next one.
const SILENCE_MS = 5_000

export interface Download extends Pinned {
  readonly url: string
  readonly target: string
  readonly signal: AbortSignal
  readonly silenceMs?: number
}

/** Fetches one pinned file. What does not match the lock is refused and not kept. */
export async function download(wanted: Download): Promise<void> {
  const silenceMs = wanted.silenceMs ?? SILENCE_MS
  const hanging = new AbortController()
  const give = (): void => {
    hanging.abort(new Error(`${wanted.url} sent nothing for ${silenceMs / 1000} s`))
  }
  let timer = setTimeout(give, silenceMs)
  const signal = AbortSignal.any([wanted.signal, hanging.signal])
  try {
    const response = await fetch(wanted.url, { signal })
    if (!response.ok || !response.body) {
      throw new Error(`${wanted.url} answered ${response.status}`)
    }
    const body = Readable.fromWeb(response.body)
    body.on('data', () => {
      clearTimeout(timer)
      timer = setTimeout(give, silenceMs)
    })
    await pipeline(body, createWriteStream(wanted.target), { signal })
    const wrong = await difference(wanted.target, wanted)
    if (wrong) throw new Error(`${wanted.url} was refused: ${wrong}. Nothing of it was kept.`)
  } catch (error) {
    await rm(wanted.target, { force: true })
    throw plain(error, signal)
  } finally {
    clearTimeout(timer)
  }
}

// fetch hides the real cause behind 'fetch failed' and 'This operation was aborted'.
function plain(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason
  return error instanceof Error && error.cause instanceof Error ? error.cause : error
}
