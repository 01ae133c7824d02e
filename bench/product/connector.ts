import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Log } from '../../services/contract.ts'
import { readLock } from '../../services/jar-lock.ts'
import { fromMaven } from '../../services/maven.ts'
import { firstOf } from '../../services/places.ts'

/** MySQL's own JDBC driver, which reads MariaDB too. */
export const connectorJars = (log: Log): Promise<readonly string[]> =>
  lockedJars('Connector/J', 'jars.lock', log)

/** The jars of a lock file in this folder; fetched once. */
export async function lockedJars(what: string, file: string, log: Log): Promise<readonly string[]> {
  const lock = fileURLToPath(new URL(file, import.meta.url))
  const sum = createHash('sha256').update(await readFile(lock))
  const { signal } = new AbortController()
  const name = what.toLowerCase().replaceAll(/\W+.*$/g, '')
  const key = `${name}-${sum.digest('hex').slice(0, 12)}`
  const { jars } = await firstOf({
    what,
    places: fromMaven({ what, lock, key, log, signal }, (folder) =>
      Promise.resolve({ jars: readLock(lock).map(({ name }) => join(folder, name)) }),
    ),
    advice: 'Install Maven, or set MAVEN_REPO_URL to a Maven repository.',
    log,
    signal,
  })
  return jars
}
