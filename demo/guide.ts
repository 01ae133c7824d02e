import { loadProject } from '../config/project.ts'
import type { ProjectResult } from '../model/project.ts'
import { projectId } from '../workflows/messages.ts'
import { foundOfOurs } from './database.ts'
import { leaveRunning } from './keep.ts'
import { prepare } from './prepare.ts'
import { compareAll, conclude } from './proof.ts'
import { PROJECT, type Demo, type Migration } from './run.ts'
import { apply, load, structure, switchOver, verify, type Loaded } from './stages.ts'
import { count, megabytes, stopwatch } from './text.ts'

/** The whole tour. True when the certificate is clean and the witness agrees. */
export async function guide(demo: Demo): Promise<boolean> {
  const took = stopwatch()
  const { screen, options, folder } = demo
  screen.say(
    `longhaul moves Chinook and a table of ${count(options.rows)} rows from MySQL to HBase, while an application goes on writing.`,
  )
  screen.say(`Everything is in ${folder}${options.keep ? '' : ', which is deleted at the end'}.`)
  const run = await prepare(demo)
  await loadProject(run.files.project)

  await structure(run)
  const loaded = await load(run)
  await apply(run)
  await verify(run)
  await switchOver(run)

  const { certificate } = await resultOf(run)
  const left = await foundOfOurs(run.database.admin)
  screen.say(`  ${left === 0 ? 'None' : count(left)} of longhaul's objects left in MySQL`)
  const compared = await compareAll(run)
  if (options.keep) await leaveRunning(run)
  summary(run, loaded, took())
  return conclude(run, certificate, compared) && left === 0
}

async function resultOf({ client }: Migration): Promise<ProjectResult> {
  const result: unknown = await client.workflow.getHandle(projectId(PROJECT)).result()
  return result as ProjectResult
}

function summary({ screen, workers }: Migration, { rows, ms }: Loaded, took: string): void {
  const peak = Math.max(...workers.map((worker) => worker.peakBytes()))
  const memory = peak === 0 ? 'not measured here' : megabytes(peak)
  screen.say(
    `\nload ${count((rows * 1000) / ms)} rows/s; worker's peak memory ${memory}; everything in ${took}`,
  )
}
