import { fileURLToPath } from 'node:url'
import { compileTo } from '../../workers/compile.ts'
import { startChild } from '../child.ts'
import { installPeer } from '../hbase-rpc-client/index.ts'
import { peakMb } from '../machine.ts'
import { lineOf } from './commands.ts'
import { createTarget } from './farm.ts'
import type { Farm } from './farm.ts'
import type { System } from './system.ts'
import { FAMILY, SCHEMA } from './workloads.ts'

/** A loader of mysql2 and hbase-rpc-client. */
export async function openRpc(farm: Farm): Promise<() => System> {
  const folder = await installPeer(farm.log)
  const program = await compileTo(
    'bench-rpc.js',
    fileURLToPath(new URL('rpc-program.ts', import.meta.url)),
  )
  const { host, port, user = '', password = '' } = farm.source
  const { zookeeper = '' } = farm.hbase
  const words = [program, folder, zookeeper, host, String(port), user, password]
  return () => {
    const { pid, ask, close } = startChild(process.execPath, words)
    return {
      name: 'hbase-rpc-client',
      pid,
      peakMb: () => peakMb(pid),
      async load({ workload, rows, splits }) {
        const { name, key, salt } = workload
        const target = await createTarget(farm, `rpc_${name}`, splits)
        const source = `${SCHEMA}.${name}`
        const order = { source, target, family: FAMILY, salt: salt ?? 0, key, rows }
        const { seconds } = await ask<{ seconds: number }>(lineOf('load', order))
        return { target, seconds, loadSeconds: seconds, rest: () => Promise.resolve({}) }
      },
      close,
    }
  }
}
