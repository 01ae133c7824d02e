import type { JavaProgram } from '../java.ts'
import { peakMb } from '../machine.ts'
import { createTarget, middleKey } from './farm.ts'
import type { Farm } from './farm.ts'
import type { System } from './system.ts'
import { startLoader } from './witness.ts'
import { FAMILY, SCHEMA } from './workloads.ts'

/** Two threads of JDBC into one BufferedMutator; the table is made beforehand, with the regions longhaul makes. */
export function startJava(farm: Farm, program: JavaProgram): System {
  const { pid, ask, close } = startLoader(farm, program)
  return {
    name: 'java',
    pid,
    peakMb: () => peakMb(pid),
    async load({ workload, rows, splits }) {
      const { name, key, salt } = workload
      const target = await createTarget(farm, `java_${name}`, splits)
      const middle = await middleKey(farm, workload, rows)
      const { seconds } = await ask<{ seconds: number }>(
        `load ${SCHEMA}.${name} ${target} ${FAMILY} ${salt ?? 0} ${key} ${middle}`,
      )
      return { target, seconds, loadSeconds: seconds, rest: () => Promise.resolve({}) }
    },
    close,
  }
}
