import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cached } from '../cache.ts'
import type { Log } from '../contract.ts'
import { findClasspath } from './classpath.ts'
import { readLock } from '../jar-lock.ts'
import { fromMaven } from '../maven.ts'
import { firstOf } from '../places.ts'

const LOCK = fileURLToPath(new URL('jars-phoenix.lock', import.meta.url))

/** Class path of Apache Phoenix's own types, on top of that of HBase. */
export async function phoenixClasspath(log: Log, signal: AbortSignal): Promise<string> {
  const hbase = await findClasspath(log, signal)
  const sum = createHash('sha256').update(await readFile(LOCK))
  const key = `phoenix-${sum.digest('hex').slice(0, 12)}`
  const jars = (folder: string) =>
    Promise.resolve({
      classpath: readLock(LOCK)
        .map(({ name }) => join(folder, name))
        .join(delimiter),
    })
  const { classpath } = await firstOf({
    what: 'Phoenix',
    places: [
      {
        origin: 'cache',
        look: async () => {
          const folder = cached(key)
          return folder === undefined ? undefined : jars(folder)
        },
      },
      ...fromMaven({ what: 'Phoenix', lock: LOCK, key, log, signal }, jars),
    ],
    advice: 'Install Maven, or set MAVEN_REPO_URL to a Maven repository.',
    log,
    signal,
  })
  return `${classpath}${delimiter}${hbase.classpath}`
}
