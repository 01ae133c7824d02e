import { spawn } from 'node:child_process'

/** Kills process groups when this process is gone, however it ended. */
export interface Watch {
  add(pid: number): void
  remove(pid: number): void
}

// Each line it reads is the whole list; the last one counts. The pipe ends with this process, also by
// SIGKILL, when no handler of ours runs.
const SCRIPT = 'while read -r line; do all=$line; done; for pid in $all; do kill -9 "-$pid"; done'

export function startWatch(): Watch {
  const pids = new Set<number>()
  const shell = spawn('sh', ['-c', SCRIPT], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
  shell.unref()
  // The pipe alone must not keep this process from ending.
  ;(shell.stdin as unknown as { unref(): void }).unref()
  shell.stdin.on('error', () => undefined)
  const tell = (): void => {
    shell.stdin.write(`${[...pids].join(' ')}\n`)
  }
  return {
    add: (pid) => {
      pids.add(pid)
      tell()
    },
    remove: (pid) => {
      pids.delete(pid)
      tell()
    },
  }
}
