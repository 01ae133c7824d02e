import { join } from 'node:path'
import { Client, Connection } from '@temporalio/client'
import {
  startServices,
  startWitness,
  type RunningService,
  type Witness,
} from '../services/index.ts'
import { projectId } from '../workflows/messages.ts'
import { opened } from './closing.ts'
import { createDatabase, dropDatabase, PLAYS, type Database } from './database.ts'
import { PASSWORD, writeFiles } from './files.ts'
import { PROJECT, type Demo, type Files, type Migration, type Servers } from './run.ts'
import { stopwatch } from './text.ts'
import { watch } from './watch.ts'
import { startWorker, type WorkerProcess } from './worker.ts'
import { startWriter } from './writer.ts'

/** Servers, data, files, worker, and an application that writes: all a migration needs. */
export async function prepare(demo: Demo): Promise<Migration> {
  const { screen, closing, options, signal, fail } = demo
  const servers = await startAll(demo)
  screen.say('\nData')
  const { mysql } = servers
  if (mysql.origin === 'given') closing.add(() => dropDatabase(mysql))
  const database = await createDatabase(mysql, options.rows, { screen, signal })
  const files = await writeFiles(demo.folder, database, servers.hbase)
  screen.say(`  files       ${files.connections}`)
  screen.say(`              ${files.project}`)

  screen.say('\nProcesses')
  const worker = await newWorker(demo, { servers, database, files })
  const writer = await opened(closing, startWriter(database.app, options.rows), (one) => one.stop())
  writer.failed.catch((error: unknown) => fail(error as Error))
  screen.say('  writer      an application that goes on inserting, updating and deleting')
  // Never closed: a call that is being repeated would throw where nobody can catch it
  const connection = await Connection.connect({ address: servers.temporal.address })
  const client = new Client({ connection })
  const page = servers.temporal.ui
  if (page !== undefined)
    screen.say(
      `  Temporal    ${page}/namespaces/default/workflows/${encodeURIComponent(projectId(PROJECT))}`,
    )
  const seen = watch(client, PROJECT, { table: PLAYS, signal })
  return { ...demo, servers, database, client, seen, writer, files, workers: [worker] }
}

/** One more worker like the one before. */
export async function newWorker(
  { screen, closing, signal, fail, folder, options }: Demo,
  {
    servers,
    database,
    files,
  }: { readonly servers: Servers; readonly database: Database; readonly files: Files },
): Promise<WorkerProcess> {
  const took = stopwatch()
  const settings = {
    address: servers.temporal.address,
    connections: files.connections,
    projects: folder,
    logFile: files.workerLog,
    environment: { [PASSWORD]: database.longhaul.password },
    keep: options.keep,
    onEnd: fail,
  }
  const worker = await opened(closing, startWorker(settings, signal), (one) => one.kill('SIGKILL'))
  screen.say(`  worker      process ${worker.pid}, ready in ${took()}`)
  return worker
}

async function startAll(demo: Demo): Promise<Servers> {
  const { screen, closing, signal, folder, options } = demo
  screen.say('\nServers')
  const log = (line: string): void => screen.say(`  ${line}`)
  const { temporal, hbase, mysql } = await opened(
    closing,
    startServices(['temporal', 'hbase', 'mysql'], {
      folder: join(folder, 'servers'),
      log,
      signal,
      keep: options.keep,
    }),
    (services) => Promise.all(Object.values(services).map(end)),
  )
  const took = stopwatch()
  const witness = await opened(closing, startWitness(hbase, log), (one) => one.close())
  log(`witness: HBase's own Java client, ready in ${took()}`)
  if (hbase.origin === 'given') closing.add(() => dropTargets(witness))
  return { temporal, hbase, mysql, witness }
}

/** Takes out of a cluster that is not ours what the migration has put into it. */
async function dropTargets(witness: Witness): Promise<void> {
  for (const table of await witness.tables())
    if (table.startsWith(`${PROJECT}:`)) await witness.command('drop', table)
}

/** Its data is deleted next, so there is nothing to shut down carefully. */
const end = (service: RunningService): Promise<void> =>
  service.origin === 'given' ? service.stop() : service.kill('SIGKILL').then(() => service.stop())
