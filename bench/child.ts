import { spawn } from 'node:child_process'
import type { ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'

/** A program under measurement: a command is a line, its answer a line of JSON. */
export interface Child {
  readonly pid: number
  readonly ask: <T>(command: string) => Promise<T>
  readonly close: () => Promise<void>
}

export function startChild(command: string, words: readonly string[]): Child {
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(command, words, {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  child.once('close', () => process.off('exit', kill))
  // One that has ended is noticed by what it does not answer
  child.stdin.on('error', () => {})
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    pid: child.pid ?? 0,
    async ask<T>(line: string): Promise<T> {
      child.stdin.write(`${line}\n`)
      const answer = await lines.next()
      if (answer.done === true) throw new Error(`${command} ended in the middle of "${line}".`)
      return JSON.parse(answer.value) as T
    },
    async close() {
      if (child.exitCode !== null) return
      const ended = once(child, 'close')
      child.stdin.end('quit\n')
      await ended
    },
  }
}
