import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startChild } from '../child.ts'
import { compileJava } from '../java.ts'
import { peakMb } from '../machine.ts'
import { connectorJars, lockedJars } from './connector.ts'
import { createTarget } from './farm.ts'
import type { Farm } from './farm.ts'
import type { System } from './system.ts'
import { FAMILY, SCHEMA } from './workloads.ts'

/** Hadoop 2 was made for Java 8. */
const OPENED = ['lang', 'lang.reflect', 'io', 'net', 'nio', 'util', 'util.concurrent']
const OPENS = OPENED.map((name) => `--add-opens=java.base/java.${name}=ALL-UNNAMED`)
/** What Sqoop would tell in words of its own is passed on as MySQL prints it. */
const AS_TEXT = 'created=String,changed=String'

interface Told {
  readonly code: number
  readonly seconds: number
}

/**
 * Sqoop 1.4.7, whose HBase client is 1.4: two mappers in one JVM, MySQL's own stream of rows, single Puts through
 * a BufferedMutator with the write-ahead log on. It cannot salt row keys.
 */
export async function openSqoop(farm: Farm): Promise<() => System> {
  const folder = join(farm.folder, 'sqoop')
  await mkdir(folder, { recursive: true })
  const jars = [
    ...(await lockedJars('Sqoop', 'sqoop.lock', farm.log)),
    ...(await connectorJars(farm.log)),
  ]
  const file = fileURLToPath(new URL('SqoopPeer.java', import.meta.url))
  const program = await compileJava(file, { folder, jars, alone: true, log: farm.log })
  await writeFile(join(folder, 'log4j.properties'), LOGGING)
  return () => {
    const { pid, ask, close } = startChild(program.command, [...OPENS, ...program.arguments])
    let jobs = 0
    return {
      name: 'sqoop',
      pid,
      peakMb: () => peakMb(pid),
      async load({ workload, splits }) {
        const { name, key } = workload
        const target = await createTarget(farm, `sqoop_${name}`, splits)
        const job = { folder, target, key, table: name, no: `${pid}_${++jobs}` }
        const { code, seconds } = await ask<Told>(wordsOf(farm, job).join('\t'))
        if (code !== 0) throw new Error(`Sqoop ended with ${code}`)
        return { target, seconds, loadSeconds: seconds, rest: () => Promise.resolve({}) }
      },
      close,
    }
  }
}

interface Job {
  readonly folder: string
  readonly table: string
  readonly target: string
  readonly key: string
  readonly no: string
}

function wordsOf({ source, hbase }: Farm, { folder, table, target, key, no }: Job): string[] {
  const [quorum = '', port = ''] = (hbase.zookeeper ?? '').split(':')
  const settings = {
    'mapreduce.framework.name': 'local',
    'mapreduce.local.map.tasks.maximum': '2',
    'fs.defaultFS': 'file:///',
    'hadoop.tmp.dir': join(folder, 'tmp'),
    'hbase.zookeeper.quorum': quorum,
    'hbase.zookeeper.property.clientPort': port,
    'sqoop.hbase.add.row.key': 'true',
  }
  return [
    'import',
    ...Object.entries(settings).map(([name, value]) => `-D${name}=${value}`),
    '--connect',
    `jdbc:mysql://${source.address}/${SCHEMA}?useSSL=false&allowPublicKeyRetrieval=true`,
    ...['--username', source.user ?? '', '--password', source.password ?? ''],
    ...['--table', table, '--split-by', key, '-m', '2', '--map-column-java', AS_TEXT],
    ...['--hbase-table', target, '--column-family', FAMILY, '--hbase-row-key', key],
    ...['--class-name', `${table}_${no}`, '--outdir', join(folder, 'source', no)],
    ...['--bindir', join(folder, 'classes', no)],
  ]
}

const LOGGING = `\
log4j.rootLogger=ERROR, err
log4j.appender.err=org.apache.log4j.ConsoleAppender
log4j.appender.err.target=System.err
log4j.appender.err.layout=org.apache.log4j.SimpleLayout
`
