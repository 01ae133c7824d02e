import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

export interface RunOptions {
  readonly cwd?: string
  readonly environment?: Readonly<Record<string, string>>
  /** Text for standard input. */
  readonly input?: string
  readonly signal?: AbortSignal
  readonly timeoutMs?: number
  /** Ends a command that prints nothing for so long: its source hangs. */
  readonly silenceMs?: number
  /** Returns standard error too. */
  readonly mergeErrors?: boolean
}

/** Runs a command to its end and returns what it printed on standard output. */
export function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const { signal, timeoutMs = 60_000, silenceMs = timeoutMs } = options
  signal?.throwIfAborted()
  return new Promise((resolve, reject) => {
    // A group of its own: apt, mvn and go start children, and all of them must end together.
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.environment },
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    const output: string[] = []
    const errors: string[] = []
    let cause: Error | undefined
    const end = (error: Error): void => {
      cause ??= error
      killGroup(child.pid)
    }
    const silent = (): void => {
      end(new Error(`${command} printed nothing for ${silenceMs / 1000} s`))
    }
    const total = setTimeout(() => {
      end(new Error(`${command} was not done within ${timeoutMs / 1000} s`))
    }, timeoutMs)
    let quiet = setTimeout(silent, silenceMs)
    const abort = (): void => {
      end(reason(signal))
    }
    const heard = (list: string[]) => (chunk: Buffer) => {
      list.push(chunk.toString())
      clearTimeout(quiet)
      quiet = setTimeout(silent, silenceMs)
    }
    const finish = (settle: () => void): void => {
      clearTimeout(total)
      clearTimeout(quiet)
      signal?.removeEventListener('abort', abort)
      settle()
    }
    signal?.addEventListener('abort', abort, { once: true })
    child.stdout.on('data', heard(output))
    child.stderr.on('data', heard(options.mergeErrors ? output : errors))
    child.stdin.on('error', () => undefined)
    child.stdin.end(options.input ?? '')
    child.once('error', (error) => {
      finish(() => {
        reject(new Error(`${command} does not run: ${error.message}`))
      })
    })
    child.once('close', (code) => {
      finish(() => {
        if (cause) reject(cause)
        else if (code === 0) resolve(output.join(''))
        else reject(new Error(`${command} failed (${code}): ${lastWords(errors, output)}`))
      })
    })
  })
}

/** The program's full name if PATH, or one of the folders named, has it. */
export function onPath(program: string, also: readonly string[] = []): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...also]
  return folders
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, program))
    .find((file) => isExecutable(file))
}

export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

export function reason(signal: AbortSignal | undefined): Error {
  const given: unknown = signal?.reason
  return given instanceof Error ? given : new Error('interrupted')
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It ended by itself meanwhile.
  }
}

function lastWords(errors: readonly string[], output: readonly string[]): string {
  const lines = [...output, ...errors].join('').trim().split('\n')
  return lines.slice(-5).join(' | ').slice(-600)
}
