import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readLock } from '../../services/jar-lock.ts'
import { readDownloads } from '../../services/temporal/binary.ts'

const file = (path: string): string => new URL(`../../services/${path}`, import.meta.url).pathname

describe('the lock files', () => {
  test('name every jar of HBase once, each with its size and sha256', () => {
    const jars = readLock(file('hbase/jars.lock'))
    expect(jars).toHaveLength(66)
    expect(new Set(jars.map((jar) => jar.artifact)).size).toBe(66)
    for (const jar of jars) {
      expect(jar.sha256).toMatch(/^[0-9a-f]{64}$/)
      expect(jar.bytes).toBeGreaterThan(0)
    }
    for (const needed of ['hbase-server', 'hbase-client', 'zookeeper', 'hadoop-common']) {
      expect(jars.map((jar) => jar.artifact)).toContain(needed)
    }
  })

  test('name one jar of MariaDB', () => {
    expect(readLock(file('mariadb/jars.lock'))).toHaveLength(1)
  })

  test('name what reads Phoenix types', () => {
    expect(readLock(file('hbase/jars-phoenix.lock')).map(({ artifact }) => artifact)).toEqual([
      'phoenix-core-client',
      'phoenix-shaded-guava',
      'joda-time',
    ])
  })

  test('name a jar by its classifier too, where it has one', () => {
    const jars = readLock(file('../bench/product/sqoop.lock'))
    expect(jars.find(({ artifact }) => artifact === 'sqoop')).toMatchObject({
      classifier: 'hadoop260',
      path: 'org/apache/sqoop/sqoop/1.4.7/sqoop-1.4.7-hadoop260.jar',
    })
    expect(jars.find(({ artifact }) => artifact === 'hbase-client')).toMatchObject({
      classifier: '',
      path: 'org/apache/hbase/hbase-client/1.4.14/hbase-client-1.4.14.jar',
    })
  })

  test('pin every official Temporal release, in the version that the Go module pins too', () => {
    const { version, files } = readDownloads()
    expect(Object.keys(files).sort()).toEqual([
      'darwin-arm64',
      'darwin-x64',
      'linux-arm64',
      'linux-x64',
    ])
    for (const { name, sha256 } of Object.values(files)) {
      expect(name).toContain(version)
      expect(sha256).toMatch(/^[0-9a-f]{64}$/)
    }
    const module = readFileSync(file('temporal/build/go.mod'), 'utf8')
    expect(module).toContain(`github.com/temporalio/cli v${version}`)
    const sums = readFileSync(file('temporal/build/go.sum'), 'utf8')
    expect(sums).toContain(`github.com/temporalio/cli v${version} h1:`)
  })

  test('are refused with file and line when a checksum is missing', () => {
    expect(() => readLock(file('temporal/build/go.mod'))).toThrow(/go\.mod:1 is not "group:/)
  })
})
