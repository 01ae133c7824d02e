import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { once } from 'node:events'
import { ROOT } from './worker.ts'

export interface Answer {
  readonly code: number
  readonly output: string
}

/** Runs the command line as a user would. */
export async function longhaul(
  args: readonly string[],
  { address, signal }: { readonly address: string; readonly signal: AbortSignal },
): Promise<Answer> {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', 'cli/main.ts', '--address', address, ...args],
    { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], signal, killSignal: 'SIGKILL' },
  )
  const [out, errors] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  return { code: child.exitCode ?? 1, output: (out + errors).trim() }
}
