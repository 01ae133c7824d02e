import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js'
import type { Ground } from './ground.ts'
import type { Servers } from './servers.ts'

/** What a red run leaves for who looks into it: the histories of its workflows, and what its log held. Never throws. */
export async function keepEvidence(servers: Servers, ground: Ground): Promise<void> {
  const { client, folder, name } = ground
  try {
    const found = client.workflow.list({ query: `LonghaulProject = "${name}"` })
    for await (const { workflowId, runId } of found) {
      const history = await client.workflow.getHandle(workflowId, runId).fetchHistory()
      const file = `${workflowId.replaceAll('/', '.')}-${runId.slice(0, 8)}.json`
      writeFileSync(join(folder, file), historyToJSON(history))
    }
    for (const table of ['longhaul_log', 'longhaul_dead', 'longhaul_lease', 'longhaul_source']) {
      const rows = await servers.ask(`select * from \`${name}_log\`.${table} limit 10000`)
      writeFileSync(join(folder, `${table}.json`), JSON.stringify(rows, null, 1))
    }
  } catch (error) {
    writeFileSync(join(folder, 'no-evidence.log'), `${String(error)}\n`)
  }
}
