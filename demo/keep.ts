import { readFile, rm, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { runningServices } from '../services/index.ts'
import type { Migration } from './run.ts'
import { PLAYS } from './database.ts'
import { ROOT } from './worker.ts'

const PIDS = 'workers.json'

/** Tells how to look at what goes on running, and how to stop it. */
export async function leaveRunning(run: Migration): Promise<void> {
  const { screen, folder, servers, database, workers } = run
  const { mysql, temporal, hbase } = servers
  const worker = workers.at(-1)
  await writeFile(join(folder, PIDS), JSON.stringify(worker === undefined ? [] : [worker.pid]))
  const short = relative(ROOT, folder)
  screen.say(`
Still running, in ${short}:
  Temporal  ${temporal.ui ?? temporal.address}
  MySQL     mysql -h ${mysql.host} -P ${mysql.port} -u ${database.admin.user} -p${database.admin.password} Chinook
  HBase     ${hbase.address}; scan 'shop:${PLAYS}' with ZooKeeper at ${hbase.zookeeper ?? '?'}
  worker    process ${worker?.pid ?? '?'}, log in ${short}/worker.log
  status    npm run longhaul -- --address ${temporal.address} certificate shop
Stop it all with:
  npm run demo -- --stop ${short}`)
}

/** Stops what a demo left running in this folder, and deletes the folder. */
export async function stopKept(folder: string, say: (line: string) => void): Promise<void> {
  const pids = JSON.parse(
    await readFile(join(folder, PIDS), 'utf8').catch(() => {
      throw new Error(`${folder} is not the folder of a demo that was kept.`)
    }),
  ) as number[]
  for (const pid of pids) if (await isOurs(pid, folder)) process.kill(pid, 'SIGTERM')
  const services = await runningServices(join(folder, 'servers'))
  await Promise.all(services.map((service) => service.stop()))
  await rm(folder, { recursive: true, force: true })
  say(`Stopped and deleted: ${folder}`)
}

/** The number may belong to another process by now. */
async function isOurs(pid: number, folder: string): Promise<boolean> {
  const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => null)
  if (line !== null) return line.includes(join(folder, 'connections.yaml'))
  try {
    return process.platform !== 'linux' && process.kill(pid, 0)
  } catch {
    return false
  }
}
