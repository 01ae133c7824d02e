import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { startWitness, type Witness } from '../../services/index.ts'
import type { ApplyStatus } from '../../model/project.ts'
import { applyId, applyStatus } from '../../workflows/messages.ts'
import { judge } from './judge.ts'
import { eventually } from './live.ts'
import { openSandbox, type Sandbox } from './sandbox.ts'

/** Longer than the look at the triggers, every 10 s, and a busy machine. */
const NOTICED_SECONDS = 30

describe.each(['mysql', 'mariadb'] as const)(
  'tables that change while they are kept in step, %s',
  (product) => {
    let sandbox: Sandbox
    let witness: Witness
    let writes = 0

    beforeAll(async () => {
      witness = await startWitness({ address: inject('hbase') }, () => undefined)
      sandbox = await openSandbox(product)
      await sandbox.admin.query(`grant process on *.* to ?@'%'`, [sandbox.account.user])
      await sandbox.worker()
      await run(
        'create table goods (id int primary key, name varchar(20), price int, memo varchar(9))',
        `insert into goods values (1, 'one', 10, 'a'), (2, 'two', 20, 'b')`,
        'create table brand (id int primary key, name varchar(20))',
        `insert into brand values (1, 'one')`,
      )
      await sandbox.start(
        'tables: [{ from: $db.goods, codecs: { memo: bytes } }, $db.brand]\nverify: { correct: auto }',
      )
      await certified()
    })
    afterAll(async () => {
      await witness.close()
      await sandbox.close()
    })

    const run = async (...statements: string[]): Promise<void> => {
      for (const statement of statements) await sandbox.admin.query(statement)
    }

    const apply = (): Promise<ApplyStatus> =>
      sandbox.client.workflow.getHandle(applyId('shop')).query(applyStatus)

    /** Waits for a certificate newer than the last one; returns when it was issued. */
    let issued = ''
    const certified = async (): Promise<void> => {
      issued = await sandbox.until(({ phase, certificate }) =>
        phase === 'switch' && certificate?.clean === true && certificate.issuedAt !== issued
          ? certificate.issuedAt
          : undefined,
      )
    }

    const differences = async (table: string): Promise<readonly string[]> => {
      const mapping = sandbox.mappings().find(({ name }) => name === table)
      if (mapping === undefined) throw new Error(`no mapping ${table}`)
      return (await judge(witness, sandbox.admin, mapping)).differences
    }

    const halted = (): Promise<string> =>
      eventually(async () => (await apply()).halted['goods'], 'goods is left out', NOTICED_SECONDS)

    /** The other table goes on as if nothing had happened. */
    const brandGoesOn = async (): Promise<void> => {
      await run(`update brand set name = 'w${++writes}' where id = 1`)
      await eventually(
        async () => ((await differences('brand')).length === 0 ? true : undefined),
        'brand is in step',
        NOTICED_SECONDS,
      )
    }

    const reload = async (): Promise<void> => {
      expect(await sandbox.update('reload', { tables: ['goods'] })).toBe('reloading')
      await certified()
      expect((await apply()).halted).toEqual({})
      expect(await differences('goods')).toEqual([])
      // And it is followed again
      await run(
        `update goods set id = id + 10000 order by id desc`,
        `insert into goods (id) values (1)`,
      )
      await eventually(
        async () => ((await differences('goods')).length === 0 ? true : undefined),
        'goods is in step',
      )
    }

    test.each([
      ['a column is added', 'SCHEMA_CHANGED', `alter table goods add column extra int default 7`],
      ['a column has another type', 'SCHEMA_CHANGED', `alter table goods modify price varchar(9)`],
      ['a column is renamed', 'UNKNOWN|CHANGED', `alter table goods rename column name to label`],
      ['a column is dropped', 'UNKNOWN|CHANGED', `alter table goods drop column price`],
      ['it is truncated', 'CAPTURE_LOST.*TRUNCATE', `truncate table goods`],
      [
        'a trigger is dropped',
        'CAPTURE_LOST.*_au',
        `drop trigger $trigger; update goods set id = 5 where id = 1`,
      ],
    ])('T42 %s: it alone is left out, and reload takes it as it is', async (_what, why, change) => {
      const [rows] = await sandbox.admin.query(
        `select trigger_name as name from information_schema.triggers
         where event_object_table = 'goods' and trigger_schema = ? and trigger_name like '%\\_au'`,
        [sandbox.name],
      )
      const [trigger] = rows as { name: string }[]
      await run(change.replace('$trigger', trigger?.name ?? ''))
      // Not an UPDATE: its trigger names a column that may be gone, and fails
      await run(`insert into goods (id) values (${1000 + ++writes})`)
      expect(await halted()).toMatch(new RegExp(why))
      await brandGoesOn()
      await reload()
    })

    test('T42 a column of a type beyond its codec: the table alone is left out, until it is mended', async () => {
      await run(
        `update goods set memo = null`,
        `alter table goods modify memo bit(64)`,
        `delete from goods limit 1`,
      )
      expect(await halted()).toMatch(/CODEC_UNFIT: .*memo \(bit\(64\) as bytes\)/)
      await brandGoesOn()
      // Two rebuilds in one second, and a look between them, cannot be told from a TRUNCATE
      await sleep(1_100)
      await run(`alter table goods modify memo varchar(9)`)
      await sandbox.update('resume', {})
      await eventually(
        async () => ((await differences('goods')).length === 0 ? true : undefined),
        'goods is in step',
      )
    })

    test('T42 a table that is renamed and named back goes on after resume', async () => {
      await run('rename table goods to wares')
      expect(await halted()).toMatch(/TABLE_UNKNOWN|CAPTURE_LOST/)
      await brandGoesOn()
      await run('rename table wares to goods', 'delete from goods')
      await sandbox.update('resume', {})
      await eventually(
        async () => ((await differences('goods')).length === 0 ? true : undefined),
        'goods is in step',
      )
      expect((await apply()).halted).toEqual({})
    })

    test('T42 another key: a reload is refused in a sentence, and so is the switchover', async () => {
      await run(
        `insert into goods (id, label) values (1, 'one')`,
        `alter table goods modify label varchar(20) not null, drop primary key, add primary key (id, label)`,
        `update goods set label = 'uno'`,
      )
      await halted()
      await sandbox.update('reload', { tables: ['goods'] })
      const error = await sandbox.until(({ tables }) => tables['goods']?.error)
      expect(error).toMatch(/SCHEMA_CHANGED: .* has another key since/)
      await brandGoesOn()
      expect(await sandbox.update('switchOver', { writersStopped: true })).toMatchObject({
        switched: false,
        because: 'a table failed: goods',
      })
      await sandbox.update('release', {})
      await sandbox.outcome()
      expect(await sandbox.leftovers()).toEqual([])
    })
  },
)
