import { newWorker } from './prepare.ts'
import { until, type Migration } from './run.ts'
import { count, seconds } from './text.ts'

export interface Loading {
  readonly rows: () => number
  readonly over: () => boolean
  readonly draw: () => void
}

/** kill -9, and another worker as any supervisor would start it; nothing is told to it but where Temporal is. */
export async function killAndResume(run: Migration, loading: Loading): Promise<void> {
  const { screen, workers } = run
  const { rows, over, draw } = loading
  await workers.at(-1)?.kill('SIGKILL')
  const before = rows()
  const died = performance.now()
  screen.say(
    `  kill -9     the worker is gone; ${count(before)} rows of Play are known to be in HBase`,
  )
  workers.push(await newWorker(run, run))
  await until(run, () => over() || rows() > before, draw)
  screen.say(
    `  resumed     rows move again ${seconds(performance.now() - died)} after the kill, from row ${count(before)} on`,
  )
}
