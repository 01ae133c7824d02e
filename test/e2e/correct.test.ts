import { historyToJSON } from '@temporalio/common/lib/proto-utils.js'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { listDifferences } from '../../workers/differences.ts'
import type { Certificate, ProjectStatus } from '../../model/project.ts'
import { startWitness, type Witness } from '../../services/index.ts'
import { verifyId } from '../../workflows/messages.ts'
import { openSandbox, type Product, type Sandbox } from './sandbox.ts'

const ROWS = 50
/** Found in no history. */
const MISSING = 'customer-4711'

describe.each<Product>(['mysql', 'mariadb'])('what differs, on %s,', (product) => {
  let sandbox: Sandbox
  let witness: Witness
  let first: Certificate
  const project = () => sandbox.name
  const target = () => `${sandbox.name}:goods`
  beforeAll(async () => {
    sandbox = await openSandbox(product)
    witness = await startWitness({ address: inject('hbase') }, () => undefined)
    await sandbox.worker()
    await sandbox.admin.query(
      `create table goods (id varchar(20) primary key, name varchar(20));
       insert into goods with recursive n (i) as (select 1 union all select i + 1 from n where i < ${ROWS})
         select if(i = 8, '${MISSING}', i), concat('name ', i) from n`,
    )
    await sandbox.start('tables: [$db.goods]\nverify: { correct: never }', { project: project() })
    first = (await next('')).certificate
    const cell = { family: hex('goods'), qualifier: hex('name'), timestamp: Date.now() }
    await witness.put(target(), { ...cell, row: hex('7'), value: hex('seven') })
    await witness.put(target(), { ...cell, row: hex('999'), value: hex('nobody') })
    await witness.put(target(), { ...cell, row: hex('no~key'), value: hex('nobody') })
    await witness.deleteRow(target(), hex(MISSING), Date.now())
    await sandbox.update('verify', {}, project())
  }, 400_000)
  afterAll(async () => {
    await witness.close()
    await sandbox.close()
  })

  const next = (issuedAt: string): Promise<ProjectStatus & { certificate: Certificate }> =>
    sandbox.until(
      (status) =>
        status.phase === 'switch' && (status.certificate?.issuedAt ?? '') > issuedAt
          ? { ...status, certificate: status.certificate as Certificate }
          : undefined,
      { project: project(), seconds: 120 },
    )

  test('is listed by key, outside of every history', async () => {
    const { differences = {}, certificate } = await next(first.issuedAt)
    expect(certificate).toMatchObject({ clean: false, tables: [{ differencesFound: 4 }] })
    const { goods } = differences
    expect(goods).toMatchObject({ missing: 1, different: 1, extra: 2 })
    process.env['SANDBOX_PASSWORD'] = sandbox.account.password
    const connections = `${sandbox.folder}/connections.yaml`
    const keys: (string | null)[] = []
    for await (const page of listDifferences({
      ...{ connections, cluster: 'main', list: goods?.list ?? '' },
    }))
      keys.push(...page.map(({ key }) => key))
    expect(keys.toSorted()).toEqual(['7', '999', MISSING, null].toSorted())
  })

  test('is corrected by one command, and only these rows are looked at again', async () => {
    const before = await next(first.issuedAt)
    expect(await sandbox.update('correct', {}, project())).toBe('correcting')
    const { certificate, differences, tables } = await next(before.certificate.issuedAt)
    // the row of a stranger has no key to correct it by
    expect(certificate).toMatchObject({
      clean: false,
      tables: [{ rows: ROWS, differencesFound: 4, differencesCorrected: 3 }],
    })
    expect(tables['goods']?.state).toBe('different')
    expect(differences?.['goods']).toMatchObject({ missing: 0, different: 0, extra: 1 })
    await expect(
      sandbox.client.workflow.getHandle(verifyId(project(), 'goods', 3)).describe(),
    ).rejects.toThrow()
    expect(await activitiesOf(`project/${project()}/correct/goods/3`)).toEqual([
      ...['enqueueDifferences', 'verifyListed'],
    ])
  })

  test('is gone when a stranger took its row away, and the certificate is that of before', async () => {
    const before = await next(first.issuedAt)
    await witness.deleteRow(target(), hex('no~key'), Date.now())
    await sandbox.update('correct', {}, project())
    const { certificate, differences } = await next(before.certificate.issuedAt)
    expect(differences).toEqual({})
    expect(certificate).toMatchObject({ clean: true, tables: [{ rows: ROWS, cells: 2 * ROWS }] })
    expect(certificate.tables[0]?.digest).toBe(first.tables[0]?.digest)
    // and so says a look at all of it
    await sandbox.update('verify', {}, project())
    const whole = await next(certificate.issuedAt)
    expect(whole.certificate).toMatchObject({ clean: true, tables: [{ differencesFound: 0 }] })
    expect(whole.certificate.tables[0]?.digest).toBe(first.tables[0]?.digest)
  })

  test('and nothing is corrected where nothing differs', async () => {
    await expect(sandbox.update('correct', {}, project())).rejects.toThrow()
  })

  test('no key is in any history', async () => {
    for await (const { workflowId, runId } of sandbox.client.workflow.list()) {
      const history = await sandbox.client.workflow.getHandle(workflowId, runId).fetchHistory()
      const told = historyToJSON(history).replaceAll(/"data": ?"([^"]+)"/g, (_, data: string) =>
        Buffer.from(data, 'base64').toString(),
      )
      expect(told).toContain(sandbox.name)
      expect(told).not.toContain(MISSING)
    }
  })

  const activitiesOf = async (workflowId: string): Promise<string[]> => {
    const { events } = await sandbox.client.workflow.getHandle(workflowId).fetchHistory()
    return (events ?? []).flatMap(
      (event) => event.activityTaskScheduledEventAttributes?.activityType?.name ?? [],
    )
  }
})

const hex = (text: string): string => Buffer.from(text).toString('hex')
