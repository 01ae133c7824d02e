import { signalGroup } from './process.ts'
import type { ProcessMark } from './process.ts'

const guarded = new Map<number, ProcessMark>()
let watching = false

/**
 * Kills the server when this process ends without having stopped it, also by an uncaught error. No
 * data is lost by that: every server here is made to survive it. What kills this process itself with
 * SIGKILL leaves the server running; `services down` still finds it.
 */
export function guard(mark: ProcessMark): void {
  if (!watching) process.once('exit', killAll)
  watching = true
  guarded.set(mark.pid, mark)
}

/** From now on the server may outlive this process. */
export function unguard(mark: ProcessMark): void {
  guarded.delete(mark.pid)
}

function killAll(): void {
  for (const mark of guarded.values()) signalGroup(mark, 'SIGKILL')
}
