import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { startWitness } from '../../services/index.ts'
import type { SwitchAnswer } from '../../workflows/messages.ts'
import { openSandbox, type Sandbox } from './sandbox.ts'

const NOT_STOPPED = 'nobody confirmed that the writers are stopped'

let sandbox: Sandbox
beforeEach(async () => {
  sandbox = await openSandbox('mysql')
  await sandbox.worker()
  await sandbox.admin.query(
    `create table goods (id int primary key, name varchar(20)); insert into goods values (1, 'one')`,
  )
  await sandbox.start('tables: [$db.goods]\nverify: { correct: auto }')
  await sandbox.until(({ phase }) => (phase === 'switch' ? true : undefined))
})
afterEach(() => sandbox.close())

test('a dry run of the switchover reads every gate, and changes nothing', async () => {
  const dryRun = (writersStopped: boolean): Promise<SwitchAnswer> =>
    sandbox.update('switchOver', { writersStopped, dryRun: true })
  const answer = await dryRun(false)
  expect(answer).toMatchObject({ switched: false, because: NOT_STOPPED })
  expect(answer.gates.filter(({ because }) => because !== null)).toEqual([
    { name: 'writers', reading: 'not confirmed', because: NOT_STOPPED },
  ])
  expect(answer.gates.map(({ reading }) => reading)).toContain('whole')
  expect(await dryRun(true)).toMatchObject({ switched: false, because: null })
  expect(await sandbox.status()).toMatchObject({ phase: 'switch', refused: null })
  expect(await sandbox.leftovers()).not.toEqual([])
})

test('T39 a dropped trigger refuses the switchover by name', async () => {
  const [trigger = ''] = await triggers(/_au$/)
  await sandbox.admin.query(`drop trigger \`${trigger}\``)
  await sandbox.admin.query(`update goods set name = 'two'`)
  const answer = await sandbox.update('switchOver', { writersStopped: true })
  expect(answer).toMatchObject({
    switched: false,
    because: expect.stringMatching(
      new RegExp(`^changes may have gone by unlogged: .*${trigger}.*reload these tables`),
    ) as string,
  })
})

test('a release finds its triggers also when the log and its catalog are gone', async () => {
  await sandbox.admin.query(`drop database \`${sandbox.schema}\``)
  await expect(sandbox.admin.query(`insert into goods values (2, 'two')`)).rejects.toThrow()
  await sandbox.update('release', {})
  await sandbox.outcome()
  expect(await sandbox.leftovers()).toEqual([])
  await sandbox.admin.query(`insert into goods values (2, 'two')`)
})

test('T89 rows that somebody else changed in the target are found, corrected and counted', async () => {
  const witness = await startWitness({ address: inject('hbase') }, () => undefined)
  const hex = (text: string): string => Buffer.from(text).toString('hex')
  const cell = { family: hex('goods'), qualifier: hex('name'), timestamp: Date.now() }
  await witness.put(`${sandbox.name}:goods`, { ...cell, row: hex('99'), value: hex('nobody') })
  await witness.put(`${sandbox.name}:goods`, { ...cell, row: hex('1'), value: hex('eins') })
  await sandbox.update('verify', {})
  const certificate = await sandbox.until(({ phase, certificate }) =>
    phase === 'switch' && certificate?.tables[0]?.differencesFound === 2 ? certificate : undefined,
  )
  expect(certificate).toMatchObject({
    clean: true,
    tables: [{ name: 'goods', rows: 1, differencesFound: 2, differencesCorrected: 2, clean: true }],
  })
  const rows: string[] = []
  for await (const { row, value } of witness.dump(`${sandbox.name}:goods`))
    rows.push(`${Buffer.from(row, 'hex').toString()} ${Buffer.from(value, 'hex').toString()}`)
  await witness.close()
  expect(rows).toEqual(['1 1', '1 one'])
})

async function triggers(name: RegExp): Promise<string[]> {
  const left = await sandbox.leftovers()
  return left.flatMap((what) => {
    const trigger = what.split('.').at(-1) ?? ''
    return what.startsWith('trigger ') && name.test(trigger) ? [trigger] : []
  })
}
