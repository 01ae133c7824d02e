import { fileURLToPath } from 'node:url'
import { compileTo } from '../../workers/compile.ts'
import { startChild } from '../child.ts'
import { peakMb } from '../machine.ts'
import { lineOf } from './commands.ts'
import { createTarget } from './farm.ts'
import type { Farm } from './farm.ts'
import type { System } from './system.ts'
import { FAMILY, SCHEMA } from './workloads.ts'

/** Sends rows that were packed beforehand: the most that puts can be. */
export async function openCannon(farm: Farm): Promise<() => System> {
  const program = await compileTo(
    'bench-cannon.js',
    fileURLToPath(new URL('cannon-program.ts', import.meta.url)),
  )
  const { host, port, user = '', password = '' } = farm.source
  const words = [program, farm.hbase.address, host, String(port), user, password]
  return () => {
    const { pid, ask, close } = startChild(process.execPath, words)
    let order = { source: '', target: '', family: FAMILY, salt: 0, key: '', rows: 0 }
    return {
      name: 'cannon',
      pid,
      peakMb: () => peakMb(pid),
      async prepare({ workload, rows, splits }) {
        const { name, key, salt } = workload
        const target = await createTarget(farm, `cannon_${name}`, splits)
        order = { ...order, source: `${SCHEMA}.${name}`, target, salt: salt ?? 0, key, rows }
        await ask(lineOf('pack', order))
      },
      async load() {
        const { seconds } = await ask<{ seconds: number }>(lineOf('fire', order))
        const { target } = order
        return { target, seconds, loadSeconds: seconds, rest: () => Promise.resolve({}) }
      },
      close,
    }
  }
}
