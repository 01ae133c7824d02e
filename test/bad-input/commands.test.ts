import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { projectId, type SwitchAnswer } from '../../workflows/messages.ts'
import { openSandbox, type Sandbox } from '../e2e/sandbox.ts'
import { longhaul, traces, type Said } from './ground.ts'

const POLL = { timeout: 20_000, interval: 200 }

describe('a file that is wrong', () => {
  let sandbox: Sandbox
  beforeAll(async () => {
    sandbox = await openSandbox('mysql')
  })
  afterAll(() => sandbox.close())

  test.each([
    {
      what: 'a typo',
      text: 'project: p\nsource: app\nclustr: main\ntables: [a.b]',
      said: '$file has 2 problems\n  $file:3: clustr is not known; did you mean cluster?\n  $file:4: tables[0] (a.b) has no cluster; name one for it, or one for the project',
    },
    {
      what: 'a table listed twice',
      text: 'project: p\nsource: app\ncluster: main\ntables: [a.b, { from: a.b, to: c, name: c }]',
      said: '$file:4: tables[1] lists a.b again, which tables[0] has already',
    },
    {
      what: 'two tables onto one target',
      text: 'project: p\nsource: app\ncluster: main\ntables: [a.b, { from: a.c, to: b }]',
      said: '$file:4: tables[1] goes to b, to which tables[0] goes already; give one of them another to',
    },
    {
      what: 'five clusters',
      text: `project: p\nsource: app\ntables:\n${[1, 2, 3, 4, 5]
        .map((no) => `  - { from: a.t${no}, cluster: c${no} }`)
        .join('\n')}`,
      said: '$file:8: tables[4] goes to c5, but a project may use 4 clusters at most, and c1, c2, c3, c4 are used already',
    },
    {
      what: 'a password',
      text: 'project: p\nsource: app\ncluster: main\npassword: secret\ntables: [a.b]',
      said: '$file:4: password does not belong here; logins and secrets stand in the connections file',
    },
  ])('$what: the line is named and nothing is started', async ({ text, said }) => {
    const file = join(sandbox.folder, 'wrong.yaml')
    writeFileSync(file, text)
    expect(await longhaul(sandbox, 'start', file)).toEqual({
      code: 2,
      stdout: '',
      stderr: `The file is not valid: ${said.replaceAll('$file', file)} [CONFIG_INVALID]`,
    })
    await expect(sandbox.client.workflow.getHandle(projectId('p')).describe()).rejects.toThrow(
      /not found/,
    )
    expect(await traces(sandbox)).toEqual([])
  })

  test.each([
    {
      what: 'an option that does not exist',
      source: { pasword: 'x' },
      said: 'sources.app.pasword is not known; did you mean password?',
    },
    {
      what: 'a variable of the environment that is not set',
      source: { password: '${env:LONGHAUL_NO_SUCH_VARIABLE}' },
      said: 'sources.app.password needs the environment variable LONGHAUL_NO_SUCH_VARIABLE, which is not set',
    },
  ])('connections with $what: the worker does not start', async ({ source, said }) => {
    sandbox.connect({ source })
    const file = join(sandbox.folder, 'connections.yaml')
    await expect(sandbox.worker()).rejects.toThrow(
      `The file is not valid: ${file}:1: ${said} [CONFIG_INVALID]`,
    )
    sandbox.connect()
  })

  test('a worker for a source that its file does not name does not start', async () => {
    await expect(sandbox.worker({ sources: ['ap'] })).rejects.toThrow(
      'The connections file names no such source: ap; it names app [SOURCE_UNKNOWN]',
    )
  })
})

describe('a command at the wrong time', () => {
  let sandbox: Sandbox
  let file: string
  beforeAll(async () => {
    sandbox = await openSandbox('mysql')
    await sandbox.admin.query(
      'create table goods (id int primary key, price int); insert into goods values (1, 10)',
    )
    await sandbox.worker()
    file = join(sandbox.folder, 'shop.yaml')
    writeFileSync(
      file,
      [
        'project: shop',
        'source: app',
        'cluster: main',
        `namespace: ${sandbox.name}`,
        `tables: [${sandbox.name}.goods]`,
        'switch: { maxLag: 1s, certificateYoungerThan: 1h }',
      ].join('\n'),
    )
  })
  afterAll(() => sandbox.close())

  const ended = (code: number, stderr: string): Said => ({ code, stdout: '', stderr })

  test('a project the worker has no file of is unknown', async () => {
    expect((await longhaul(sandbox, 'start', 'nosuch')).code).toBe(0)
    expect(await sandbox.outcome('nosuch')).toEqual({
      failure: `PROJECT_UNKNOWN: There is no such project: ${sandbox.folder} has no file nosuch.yaml`,
    })
    expect(await traces(sandbox)).toEqual([])
  })

  test.each([
    ['release', 'never'],
    ['answer', 'never', 'load-slow', 'continue'],
    ['switch', 'never'],
    ['status', 'never'],
  ])('%s of a project that was never started: it is unknown', async (...words) => {
    expect(await longhaul(sandbox, ...words)).toEqual(
      ended(
        2,
        'There is no such project: never was never started, or has ended. ' +
          'List those that run with: longhaul status [PROJECT_UNKNOWN]',
      ),
    )
  })

  test('a project that runs is not started again, by its file or by its name', async () => {
    expect((await longhaul(sandbox, 'start', 'shop', '--wait')).code).toBe(0)
    for (const given of [file, 'shop'])
      expect(await longhaul(sandbox, 'start', given)).toEqual(
        ended(
          1,
          'The project is running already: shop. See it with: longhaul status shop [PROJECT_RUNNING]',
        ),
      )
  })

  test('an answer to no question is refused', async () => {
    expect(await longhaul(sandbox, 'answer', 'shop', 'load-slow', 'continue')).toEqual(
      ended(2, 'No such question is open: load-slow. No question is open [QUESTION_NONE]'),
    )
  })

  const switchOver = (writersStopped: boolean, project?: string): Promise<SwitchAnswer> =>
    sandbox.update<SwitchAnswer>('switchOver', { writersStopped }, project)

  test('a switchover nobody confirmed is refused, and the command says how to', async () => {
    expect(await longhaul(sandbox, 'switch', 'shop')).toEqual(
      ended(
        6,
        'The switchover was refused: nobody confirmed that the writers are stopped. ' +
          'When they are, say --confirm-writes-stopped [SWITCH_REFUSED]',
      ),
    )
  })

  test('T91 a switchover with lag is refused', async () => {
    await sandbox.update('pause', { mode: 'now' })
    await sleep(3000) // what runs hears of it with its next heartbeats
    await sandbox.admin.query('insert into goods values (2, 20)')
    await sleep(2500)
    const { switched, because } = await switchOver(true)
    expect(switched).toBe(false)
    expect(because).toMatch(/^lag is \d+\.\d s, more than 1 s$/)
    await sandbox.update('resume', {})
    const keys = (): Promise<unknown> =>
      sandbox.admin.query(`select 1 from ${sandbox.schema}.longhaul_log`)
    await expect.poll(async () => ((await keys()) as [unknown[]])[0], POLL).toEqual([])
  })

  test('a switchover on an old certificate is refused', async () => {
    const yaml = 'tables: [{ from: $db.goods, to: old }]\nswitch: { certificateYoungerThan: 1s }'
    await sandbox.start(yaml, { project: 'old' })
    await sandbox.until(({ phase }) => (phase === 'switch' ? true : undefined), { project: 'old' })
    await sleep(2000)
    const { switched, because } = await switchOver(true, 'old')
    expect(switched).toBe(false)
    expect(because).toMatch(/^the certificate is \d+ s old, more than 1 s: verify again$/)
    expect((await longhaul(sandbox, 'release', 'old')).code).toBe(0)
  })

  test('T91 a switchover while a transaction is open is refused, and goes through when it ended', async () => {
    const writer = await sandbox.open()
    await writer.query('begin; insert into goods values (3, 30)')
    const { switched, because } = await switchOver(true)
    expect(switched).toBe(false)
    expect(because).toBe(
      `writers are still active: ${sandbox.name}.goods: a transaction has held it for 30 s. ` +
        'Find it in SHOW PROCESSLIST and let it end',
    )
    await writer.query('commit')
    await expect
      .poll(() => switchOver(true), { timeout: 30_000, interval: 1000 })
      .toMatchObject({ switched: true, because: null })
  })

  test('what was switched over is neither started again by mistake nor released', async () => {
    await sandbox.outcome()
    const again = await longhaul(sandbox, 'start', file)
    expect(again.code).toBe(2)
    expect(again.stderr).toContain('shop has been switched over')
    const { code, stderr } = await longhaul(sandbox, 'release', 'shop')
    expect(code).toBe(2)
    expect(stderr).toContain('shop was never started, or has ended')
    expect(await sandbox.leftovers()).toEqual([])
  })
})
