import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from 'node:net'
import type { Watched } from './contract.ts'

export interface Wait {
  /** For the message, e.g. 'MySQL accepts a login'. */
  readonly what: string
  readonly withinMs: number
  readonly watched: Watched
}

/** Asks again and again, without long pauses; rejects at once when the process has ended. */
export async function until(wait: Wait, test: () => Promise<boolean>): Promise<void> {
  const { what, withinMs, watched } = wait
  const end = Date.now() + withinMs
  while (!(await test())) {
    watched.signal.throwIfAborted()
    if (!watched.alive()) {
      throw new Error(`The process ended before this: ${what}. ${await troubles(watched)}`)
    }
    if (Date.now() > end) throw new Error(`Not within ${withinMs / 1000} s: ${what}.`)
    await sleep(50)
  }
}

export function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 2000 })
    const settle = (answer: boolean) => () => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', settle(true))
    socket.once('error', settle(false))
    socket.once('timeout', settle(false))
  })
}

async function troubles(watched: Watched): Promise<string> {
  const lines = (await watched.printed()).split('\n').filter((line) => line.trim() !== '')
  const bad = lines.filter((line) => /ERROR|FATAL|Exception|Abort|error|in use/.test(line))
  return `Its last words: ${(bad.length > 0 ? bad : lines).slice(-4).join(' | ')}`
}
