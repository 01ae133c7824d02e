import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cached } from '../../cache.ts'
import type { Log } from '../../contract.ts'
import { findClasspath } from '../classpath.ts'
import { readLock } from '../../jar-lock.ts'
import { fromMaven } from '../../maven.ts'
import { firstOf } from '../../places.ts'

const HDFS_LOCK = fileURLToPath(new URL('jars-hdfs.lock', import.meta.url))

/** What the processes of a cluster have on their class path. */
export async function clusterClasspath(
  tools: { readonly log: Log; readonly signal: AbortSignal },
  { hdfs }: { readonly hdfs: boolean },
): Promise<string> {
  const { classpath } = await findClasspath(tools.log, tools.signal)
  return hdfs ? [classpath, await hdfsClasspath(tools)].join(delimiter) : classpath
}

async function hdfsClasspath(tools: {
  readonly log: Log
  readonly signal: AbortSignal
}): Promise<string> {
  const sum = createHash('sha256').update(await readFile(HDFS_LOCK))
  const key = `hdfs-${sum.digest('hex').slice(0, 12)}`
  const jars = (folder: string) => Promise.resolve({ folder })
  const { folder } = await firstOf({
    what: 'HDFS',
    places: [
      {
        origin: 'cache',
        look: async () => {
          const found = cached(key)
          return found === undefined ? undefined : jars(found)
        },
      },
      ...fromMaven({ what: 'HDFS', lock: HDFS_LOCK, key, ...tools }, jars),
    ],
    advice: 'Install Maven, or set MAVEN_REPO_URL to a Maven repository.',
    ...tools,
  })
  return readLock(HDFS_LOCK)
    .map(({ name }) => join(folder, name))
    .join(delimiter)
}
