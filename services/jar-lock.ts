import { readFileSync } from 'node:fs'

export interface LockedJar {
  readonly group: string
  readonly artifact: string
  readonly version: string
  /** Empty for most. */
  readonly classifier: string
  readonly bytes: number
  readonly sha256: string
  /** Relative to the root of a Maven repository. */
  readonly path: string
  readonly name: string
}

export function readLock(file: string): LockedJar[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .map((line, index) => ({ line: line.trim(), place: `${file}:${index + 1}` }))
    .filter(({ line }) => line !== '' && !line.startsWith('#'))
    .map(({ line, place }) => parseLine(line, place))
}

function parseLine(line: string, place: string): LockedJar {
  const word = '([A-Za-z0-9][A-Za-z0-9._+-]*)'
  const parts = new RegExp(`^${word}:${word}:${word}(?::${word})? (\\d+) ([0-9a-f]{64})$`).exec(
    line,
  )
  const [, group, artifact, version, classifier = '', bytes, sha256] = parts ?? []
  if (!group || !artifact || !version || !bytes || !sha256) {
    throw new Error(`${place} is not "group:artifact:version[:classifier] bytes sha256": ${line}`)
  }
  const name = `${artifact}-${version}${classifier && `-${classifier}`}.jar`
  const path = `${group.replaceAll('.', '/')}/${artifact}/${version}/${name}`
  return { group, artifact, version, classifier, bytes: Number(bytes), sha256, path, name }
}
