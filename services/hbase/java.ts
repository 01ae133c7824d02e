import { join } from 'node:path'
import { onPath, run } from '../run.ts'

// Started with 11, 17, 21 and 25.
const OLDEST = 11

/** A Java that can run HBase: JAVA_HOME's, else the one on PATH. */
export async function javaCommand(): Promise<string> {
  const tried: string[] = []
  const home = process.env['JAVA_HOME']
  const places = [
    ...(home ? [{ where: 'JAVA_HOME', file: join(home, 'bin', 'java') }] : []),
    { where: 'PATH', file: onPath('java') },
  ]
  for (const { where, file } of places) {
    const major = file ? await majorVersion(file) : undefined
    if (file && major !== undefined && major >= OLDEST) return file
    tried.push(major === undefined ? `${where}: no working java` : `${where}: Java ${major}`)
  }
  throw new Error(
    `HBase needs Java ${OLDEST} or newer (${tried.join('; ')}). Install one, for example with ` +
      '"apt install default-jre-headless", "dnf install java-21-openjdk-headless" or "brew install openjdk@21".',
  )
}

// macOS has a /usr/bin/java that only says where to get one; it fails here as it should.
async function majorVersion(java: string): Promise<number | undefined> {
  try {
    const text = await run(
      java,
      ['-XshowSettings:properties', '-XX:TieredStopAtLevel=1', '-version'],
      {
        timeoutMs: 20_000,
        mergeErrors: true,
      },
    )
    const major = /java\.specification\.version = (?:1\.)?(\d+)/.exec(text)?.[1]
    return major === undefined ? undefined : Number(major)
  } catch {
    return undefined
  }
}
