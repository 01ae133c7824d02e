import type { Connection } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { look } from '../../cli/look.ts'
import { statusText } from '../../cli/status-text.ts'
import type { Finding } from '../../model/finding.ts'
import type { Mapping } from '../../model/mapping.ts'
import { mysql } from '../../sources/mysql/index.ts'
import type { Source } from '../../sources/source.ts'
import { startWitness, type Witness } from '../../services/index.ts'
import { connectAlso } from '../bad-input/ground.ts'
import { judge } from './judge.ts'
import { drained, eventually, fill, rowsOf } from './live.ts'
import { startOwn, type OwnServers } from './own-servers.ts'
import { replicate, type Replica } from './replica.ts'
import { openSandbox, type Product, type Sandbox } from './sandbox.ts'

const ROWS = 20_000
const PROJECT = `
tables: [$db.goods]
verify: { mode: points, correct: never }
limits: { rowsPerSecond: 1000, rowsPerRange: 5000, rangesInParallel: 1, source: { replicationLag: 1s } }
`
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

let own: OwnServers<Product>
let witness: Witness
beforeAll(async () => {
  ;[own, witness] = await Promise.all([
    startOwn('mysql', 'mariadb'),
    startWitness({ address: inject('hbase') }, () => undefined),
  ])
}, 240_000)
afterAll(async () => {
  await Promise.all([own.close(), witness.close()])
}, 60_000)

// they wait for seconds most of the time, so both at once
describe.concurrent.each<Product>(['mysql', 'mariadb'])('a replica of %s', (product) => {
  let sandbox: Sandbox
  let replica: Replica
  const sources: Source[] = []

  beforeAll(async () => {
    sandbox = await openSandbox(product)
    replica = await replicate(product, inject(product), own.servers[product], sandbox.name)
    const { address, user, password } = own.servers[product]
    connectAlso(sandbox, {
      sources: { app: { replicas: [address] }, copy: { address, user, password } },
    })
    await sandbox.admin.query(
      `create table plain (id int primary key, v int); create table log (id int);
       create table own (id int primary key, v int);
       create trigger noted after insert on own for each row insert into log values (new.id)`,
    )
    await fill(sandbox, 'goods', ROWS)
    await replica.caughtUp()
    await sandbox.worker()
  })
  afterAll(async () => {
    for (const source of sources) await source.close()
    await replica.close()
    await sandbox.close()
  })

  /** The replica as a source, as its administrator or as somebody else. */
  const openCopy = async (login: object = {}): Promise<Source> => {
    const { address, user, password } = own.servers[product]
    const options = { address, user, password, schema: `${sandbox.name}_copy`, ...login }
    const source = await mysql.open(mysql.options.parse(options))
    sources.push(source)
    return source
  }

  /** What is found of it, without its address. */
  const found = async (source: Source): Promise<readonly Pick<Finding, 'text' | 'blocks'>[]> =>
    (await source.check([await source.describe(`${sandbox.name}.plain`)]))
      .filter(({ code }) => code === 'SOURCE_REPLICA')
      .map(({ text, blocks }) => ({ text, blocks }))

  describe('as a source', { concurrent: false }, () => {
    test('is refused by name, with the primary to connect to; nothing is created', async () => {
      const { host, port } = inject(product)
      await sandbox.start('tables: [{ from: $db.plain, source: copy }]', {
        project: 'copy',
        to: 'structure',
      })
      expect((await sandbox.outcome('copy')).failure).toBe(
        `SOURCE_REPLICA: The source is a replica of another server: ${replica.address}: It replicates from ${host}:${port}, ` +
          'and triggers do not see all that comes from there: connect to the primary, or accept SOURCE_REPLICA when ' +
          'the application writes these tables here alone',
      )
      const [schemas] = await replica.admin.query(`show databases like '${sandbox.schema}'`)
      expect(schemas).toEqual([])
    })

    test('passes once that is accepted', async () => {
      const yaml = 'tables: [{ from: $db.plain, source: copy, accept: [SOURCE_REPLICA] }]'
      await sandbox.start(yaml, { project: 'accepted', to: 'structure' })
      expect(await sandbox.outcome('accepted')).toMatchObject({ result: { switched: false } })
    })

    test('has no trigger run for the rows that replication writes', async () => {
      const source = await openCopy()
      const capture = source.capture('copy')
      const tables = ['plain', 'own'].map((table) => source.describe(`${sandbox.name}.${table}`))
      await capture.install(await Promise.all(tables))
      let row = 0
      /** What of a new row of each table, written on the primary, is in the log on the replica. */
      const captured = async (): Promise<string[]> => {
        row += 1
        await sandbox.admin.query(
          `insert into plain values (${row}, 1); insert into own values (${row}, 1);
           update own set v = 2 where id = ${row}; delete from plain where id = ${row}`,
        )
        await replica.caughtUp()
        const [rows] = await replica.admin.query(`select * from own where id = ${row}`)
        expect(rows).toEqual([{ id: row, v: 2 }])
        const changes = await capture.read(100)
        await capture.acknowledge(await capture.token('test'), changes)
        return changes.map(({ kind, table }) => `${kind} ${table.split('.')[1] ?? ''}`)
      }
      expect(await captured()).toEqual([])
      await replica.admin.query('insert into plain values (100, 1)')
      expect(await capture.read(10)).toMatchObject([{ kind: 'insert', key: '100' }])
      await capture.acknowledge(await capture.token('test'), await capture.read(10))
      if (product === 'mariadb') {
        await replica.replication('stop', 'sql_thread')
        await replica.admin.query('set global slave_run_triggers_for_rbr = yes')
        await replica.replication('start', 'sql_thread')
        // a table that has triggers on the primary too is left out, with all its rows
        expect(await captured()).toEqual(['insert plain', 'delete plain'])
      }
      expect(await capture.remove()).toEqual([])
    })

    test('is known as far as the account may ask', async () => {
      const { name, schema } = sandbox
      const password = 'enough-for-a-check'
      await replica.admin.query(
        `create user '${name}c'@'%' identified by '${password}';
         grant select, trigger, lock tables on ${name}.* to '${name}c'@'%';
         grant all privileges on ${schema}.* to '${name}c'@'%'`,
      )
      const source = await openCopy({ user: `${name}c`, password, schema })
      const seesAll = 'and triggers do not see all that comes from there'
      const mayNotAsk = { text: expect.stringContaining('GRANT REPLI') as string, blocks: false }
      expect(await found(source)).toEqual([
        product === 'mysql'
          ? mayNotAsk
          : {
              text: expect.stringContaining(`from another server, ${seesAll}`) as string,
              blocks: true,
            },
      ])
      await replica.replication('stop')
      expect(await found(source)).toEqual([mayNotAsk])
      // who may ask is told that it is a replica all the same
      expect(await found(await openCopy())).toMatchObject([{ blocks: true }])
      await replica.replication('start')
      await replica.admin.query('set global read_only = 1')
      expect(await found(source)).toMatchObject([{ blocks: true }])
      await replica.admin.query('set global read_only = 0')
    })
  })

  describe('that falls behind', { concurrent: false }, () => {
    /** What the load waits for, as status says it. */
    const waitingFor = (text: RegExp): Promise<string> =>
      eventually(
        async () => {
          const status = statusText(await look(sandbox.client, 'shop'))
          return text.test(status) ? status : undefined
        },
        `the load waits: ${String(text)}`,
      )

    const goesOn = async (): Promise<void> => {
      const before = await rowsOf(sandbox)
      await eventually(
        async () => ((await rowsOf(sandbox)) > before ? true : undefined),
        'the load goes on',
      )
    }
    const standsStill = async (): Promise<void> => {
      const before = await rowsOf(sandbox)
      await wait(1500)
      expect(await rowsOf(sandbox)).toBe(before)
    }
    const throttle = (seconds: number): Promise<string> =>
      sandbox.update('throttle', { replicationLagSeconds: seconds })

    let locker: Connection
    beforeAll(async () => {
      const { user, password } = sandbox.account
      await replica.admin.query(`create user ?@'%' identified by ?`, [user, password])
      locker = await replica.open()
      await sandbox.start(PROJECT)
    })

    test('and may not be asked: it counts as too far behind until the documented right is granted', async () => {
      await waitingFor(/waiting for the source: replica \S+ cannot be asked \(PRIVILEGE_MISSING\)/)
      await standsStill()
      const right = product === 'mysql' ? 'replication client' : 'replica monitor'
      await replica.admin.query(`grant ${right} on *.* to ?@'%'`, [sandbox.account.user])
      await goesOn()
    })

    test('makes the load wait, and status names it; another limit counts at once', async () => {
      await locker.query('lock tables goods write')
      await sandbox.admin.query(`update goods set v = 'changed' where id = 7`)
      const status = await waitingFor(
        /waiting for the source: replica \S+ is \d+ s behind, limit 1 s/,
      )
      expect(status).toContain(`replica ${replica.address} is`)
      await standsStill()
      await throttle(3600)
      await goesOn()
      await throttle(1)
      await waitingFor(/is \d+ s behind, limit 1 s/)
      await locker.query('unlock tables')
      await replica.caughtUp()
      await goesOn()
    })

    test('and whose applier was stopped counts as too far behind', async () => {
      await replica.replication('stop', 'sql_thread')
      await waitingFor(/waiting for the source: replica \S+ does not replicate/)
      await standsStill()
      await replica.replication('start', 'sql_thread')
      await goesOn()
    })

    test('costs nothing but time: every row and cell is in HBase', async () => {
      await sandbox.update('throttle', { rowsPerSecond: null })
      await sandbox.until(({ phase }) => (phase === 'switch' ? true : undefined))
      expect((await sandbox.status()).certificate).toMatchObject({ clean: true })
      await drained(sandbox)
      const [mapping] = sandbox.mappings()
      expect(await judge(witness, sandbox.admin, mapping as Mapping)).toMatchObject({
        rows: ROWS,
        differences: [],
      })
    })
  })

  test('is a source like any other once it replicates no more', async () => {
    await replica.promote()
    expect(await found(await openCopy())).toEqual([])
  })
})
