import { loadId, projectId, verifyId } from '../../workflows/messages.ts'
import { peakMb } from '../machine.ts'
import type { Farm } from './farm.ts'
import { newProject, openTemporal, span } from './project.ts'
import type { System } from './system.ts'
import { startWorker } from './worker.ts'

/** longhaul as its users run it: a worker, a Temporal server, and the command line. */
export async function startLonghaul(farm: Farm): Promise<System> {
  const worker = await startWorker(farm)
  const temporal = await openTemporal(farm)
  const { client } = temporal
  return {
    name: 'longhaul',
    pid: worker.pid,
    peakMb: () => peakMb(worker.pid),
    async load({ workload }) {
      const { name, target, file, command } = await newProject(farm, workload)
      const began = performance.now()
      await command('start', file, '--proven-copy')
      const loadSeconds = await span(client, loadId(name, workload.name))
      return {
        target,
        loadSeconds,
        seconds: (performance.now() - began) / 1000,
        async rest() {
          const verifySeconds = await span(client, verifyId(name, workload.name, 1))
          await client.workflow.getHandle(projectId(name)).result()
          return { verifySeconds }
        },
      }
    },
    async close() {
      await worker.close()
      await temporal.close()
    },
  }
}
