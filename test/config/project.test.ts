import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { findProject, loadProject, parseProject } from '../../config/project.ts'
import { SyncError } from '../../model/errors.ts'

const HEAD = `project: shop
source: shop
cluster: main
`

/** What is said of a file: one sentence for each problem. */
function problems(text: string): string[] {
  try {
    parseProject(text, 'shop.yaml')
  } catch (error) {
    expect(error).toBeInstanceOf(SyncError)
    expect((error as SyncError).code).toBe('CONFIG_INVALID')
    const { detail } = error as SyncError
    return detail.includes('\n')
      ? detail
          .split('\n')
          .slice(1)
          .map((line) => line.trim())
      : [detail]
  }
  return []
}

describe('a project file', () => {
  test('needs no more than names and tables', () => {
    const project = parseProject(`${HEAD}tables: [shop.customer]\n`, 'shop.yaml')
    expect(project).toEqual({
      name: 'shop',
      tables: [
        {
          name: 'customer',
          source: 'shop',
          cluster: 'main',
          target: 'customer',
          anchor: 'shop.customer',
          families: [
            { family: 'customer', table: 'shop.customer', path: [], rename: {}, exclude: [] },
          ],
          rowKey: {},
          accept: [],
        },
      ],
      limits: {
        tablesInParallel: 4,
        rangesInParallel: 4,
        rowsPerRange: 100_000,
        rowsPerSecond: null,
        source: { threadsRunning: null, replicationLagSeconds: null },
        logRows: 1_000_000,
        askAfterSeconds: 1800,
        onNoAnswer: 'continue',
      },
      verify: {
        mode: 'auto',
        correct: 'ask',
        sample: { percent: 1, rows: 10_000, seed: null },
      },
      switch: {
        maxLagSeconds: 5,
        certificateMaxAgeSeconds: 600,
        proof: 'full',
        rollbackSeconds: 0,
      },
    })
  })

  test('says for each table what differs from that', () => {
    const project = parseProject(
      `${HEAD}namespace: retail
tables:
  - from: shop.order_line
    name: lines
    to: archive:line
    family: l
    rename: { qty: quantity, password: pw }
    exclude: [photo]
    rowKey: { salt: 16 }
    accept: [CASCADE_UNSEEN]
    source: old
    cluster: cold
  - from: shop.a.b
  - { from: shop.c, to: 'default:c' }
limits: { rowsPerSecond: 20000, source: { threadsRunning: 30, replicationLag: 5s }, askAfter: 1h, onNoAnswer: stop }
verify: { correct: auto }
switch: { maxLag: 90s, certificateYoungerThan: 2d }
`,
      'shop.yaml',
    )
    expect(project.tables[0]).toEqual({
      name: 'lines',
      source: 'old',
      cluster: 'cold',
      target: 'archive:line',
      anchor: 'shop.order_line',
      families: [
        {
          family: 'l',
          table: 'shop.order_line',
          path: [],
          rename: { qty: 'quantity', password: 'pw' },
          exclude: ['photo'],
        },
      ],
      rowKey: { salt: 16 },
      accept: ['CASCADE_UNSEEN'],
    })
    expect(project.tables[1]).toMatchObject({ name: 'a.b', target: 'retail:a.b' })
    expect(project.tables[2]).toMatchObject({ name: 'c', target: 'c' })
    expect(project.limits).toMatchObject({
      rowsPerSecond: 20_000,
      source: { threadsRunning: 30, replicationLagSeconds: 5 },
      askAfterSeconds: 3600,
    })
    expect(project.switch).toEqual({
      ...{ maxLagSeconds: 90, certificateMaxAgeSeconds: 172_800, proof: 'full' },
      rollbackSeconds: 0,
    })
  })

  test('names codecs for all tables, for one and for columns', () => {
    const project = parseProject(
      `${HEAD}codec: bytes
tables:
  - shop.a
  - { from: shop.b, codec: utf8, codecs: { id: phoenix } }
  - { from: shop.c, codec: phoenix }
`,
      'shop.yaml',
    )
    const codecs = project.tables.map(({ families }) => [families[0]?.codec, families[0]?.codecs])
    expect(codecs).toEqual([
      ['bytes', undefined],
      [undefined, { id: 'phoenix' }],
      ['phoenix', undefined],
    ])
  })

  test('survives the way through JSON, as a workflow input does', () => {
    const project = parseProject(`${HEAD}tables: [shop.customer]\n`, 'shop.yaml')
    expect(JSON.parse(JSON.stringify(project))).toEqual(project)
  })

  test('may be JSON, and may have sections with all their lines commented out', () => {
    const json = '{"$schema":"x","project":"p","source":"s","cluster":"c","tables":["a.b"]}'
    expect(parseProject(json, 'p.json').name).toBe('p')
    expect(problems(`${HEAD}tables: [shop.a]\nlimits:\n  # askAfter: 1h\nverify:\n`)).toEqual([])
  })

  test('is read from a file, and the example is right', async () => {
    const example = await loadProject('config/project.example.yaml')
    expect(example.tables.map(({ target }) => target)).toEqual(['shop:customer', 'shop:order_line'])
  })
})

describe('what is refused', () => {
  test.each([
    [
      'an unknown key',
      'tables: [{form: a.b}]',
      '4: tables[0].form is not known; did you mean from?',
    ],
    [
      'an unknown option',
      'tables: [a.b]\nlimits: {rowsPerRang: 5}',
      '5: limits.rowsPerRang is not known; did you mean rowsPerRange?',
    ],
    [
      'a wrong type',
      'tables: [a.b]\nlimits: {rowsPerRange: many}',
      '5: limits.rowsPerRange should be a number, not text',
    ],
    [
      'a wrong type in a table',
      'tables: [{from: a.b, exclude: [1]}]',
      '4: tables[0].exclude[0] should be text, not a number; put it in quotes',
    ],
    [
      'a number out of bounds',
      'tables: [a.b]\nlimits: {tablesInParallel: 0}',
      '5: limits.tablesInParallel should be at least 1',
    ],
    [
      'a fraction',
      'tables: [a.b]\nlimits: {tablesInParallel: 1.5}',
      '5: limits.tablesInParallel should be a whole number, not a fraction',
    ],
    [
      'a duration without a unit',
      'tables: [a.b]\nswitch: {maxLag: 5}',
      '5: switch.maxLag should be a duration such as 30s, 10m, 1h or 2d',
    ],
    [
      'a word that is none of those known',
      'tables: [a.b]\nverify: {correct: aks}',
      '5: verify.correct should be one of auto, ask, never; did you mean ask?',
    ],
    ['a table without a database', 'tables: [customer]', '4: tables[0] should be database.table'],
    [
      'something that is no table',
      'tables: [5]',
      '4: tables[0] should be text or a mapping, not a number',
    ],
    ['no tables', 'tables: []', '4: tables should have at least 1 of them'],
    ['tables left out', '', 'tables is missing'],
    [
      'two shapes of the row key',
      'tables: [{from: a.b, rowKey: {salt: 4, hash: true}}]',
      '4: tables[0].rowKey takes one of salt, hash and reverse, not several',
    ],
    ['a key written twice', 'tables: [a.b]\nsource: other', '5: source is written twice'],
    [
      'a table listed twice',
      'tables:\n  - a.b\n  - {from: a.b, to: c, name: c}',
      '6: tables[1] lists a.b again, which tables[0] has already',
    ],
    [
      'two tables onto one target',
      'tables:\n  - {from: a.b, to: x}\n  - {from: a.c, to: x}',
      '6: tables[1] goes to x, to which tables[0] goes already; give one of them another to',
    ],
    [
      'two tables of one name',
      'tables:\n  - a.b\n  - {from: c.b, to: x}',
      '6: tables[1] is named b as tables[0] is; give one of them a name of its own',
    ],
    [
      'two columns in one qualifier',
      'tables: [{from: a.b, rename: {x: q, y: q}}]',
      '4: tables[0] renames both x and y to q; each needs its own',
    ],
    [
      'a column with a codec that is excluded',
      'tables: [{from: a.b, codecs: {x: bytes}, exclude: [x]}]',
      '4: tables[0] both excludes x and gives it a codec; do one of them',
    ],
    [
      'a column both renamed and excluded',
      'tables: [{from: a.b, rename: {x: q}, exclude: [x]}]',
      '4: tables[0] both renames and excludes x; do one of them',
    ],
    [
      'a reserved namespace',
      'tables: [{from: a.b, to: "longhaul:diff"}]',
      '4: tables[0] goes to longhaul:diff, but that namespace is reserved; choose another',
    ],
    [
      'a name that HBase does not take',
      "tables: ['a.b c']",
      '4: tables[0] (a.b c) needs a to: HBase takes no table of its name',
    ],
    [
      'a login',
      'tables: [a.b]\npassword: x',
      '5: password does not belong here; logins and secrets stand in the connections file',
    ],
    [
      'a reference to a secret',
      'tables: [{from: a.b, family: "${env:X}"}]',
      '4: tables[0].family refers to a secret; logins and secrets stand in the connections file',
    ],
    ['broken YAML', 'tables: [a.b', 'is not YAML'],
  ])('%s', (_, text, said) => {
    const found = problems(`${HEAD}${text}\n`)
    expect(found.join('\n')).toContain(said)
  })

  test('a table without a source or a cluster', () => {
    expect(problems('project: p\ntables: [a.b]\n')).toEqual([
      'shop.yaml:2: tables[0] (a.b) has no source; name one for it, or one for the project',
      'shop.yaml:2: tables[0] (a.b) has no cluster; name one for it, or one for the project',
    ])
  })

  test('the fifth cluster, by name; four are taken', () => {
    const on = (clusters: readonly string[]): string =>
      `project: p\nsource: s\ntables:\n${clusters.map((name, i) => `  - {from: d.t${i}, cluster: ${name}}\n`).join('')}`
    expect(problems(on(['a', 'b', 'c', 'd', 'a']))).toEqual([])
    expect(problems(on(['a', 'b', 'c', 'd', 'a', 'e']))).toEqual([
      'shop.yaml:9: tables[5] goes to e, but a project may use 4 clusters at most, and a, b, c, d are used already',
    ])
  })

  test('all of it at once, in the order of the lines', () => {
    const found = problems(`project: Shop
source: s
cluster: c
tables:
  - a.b
  - form: a.c
  - a.b
limits: {rowsPerRange: 0}
`)
    expect(found).toEqual([
      'shop.yaml:1: project should be a name of at most 60 lower-case letters, digits, - and _',
      'shop.yaml:6: tables[1].form is not known; did you mean from?',
      'shop.yaml:7: tables[2] lists a.b again, which tables[0] has already',
      'shop.yaml:7: tables[2] goes to b, to which tables[0] goes already; give one of them another to',
      'shop.yaml:7: tables[2] is named b as tables[0] is; give one of them a name of its own',
      'shop.yaml:8: limits.rowsPerRange should be at least 1',
    ])
  })

  test('an empty file, and one that is not there', async () => {
    expect(problems('')).toEqual([
      'shop.yaml: should be a mapping with project, source, cluster and tables',
    ])
    await expect(loadProject('/nowhere/shop.yaml')).rejects.toThrow(
      'The file is not valid: /nowhere/shop.yaml does not exist',
    )
  })
})

describe('a project found by its name', () => {
  const folder = mkdtempSync(join(tmpdir(), 'longhaul-projects-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'shop.yaml'), `${HEAD}tables: [a.b]\n`)
  writeFileSync(join(folder, 'other.yml'), `${HEAD}tables: [a.b]\n`)

  test('is the file of that name', async () => {
    expect((await findProject(folder, 'shop')).name).toBe('shop')
  })

  test.each([
    ['nothing', 'has no file nothing.yaml'],
    ['other', 'other.yml describes the project shop, not other'],
    ['../shop', '../shop is not the name of a project'],
  ])('%s is not there', async (name, said) => {
    await expect(findProject(folder, name)).rejects.toThrow(said)
    await expect(findProject(folder, name)).rejects.toMatchObject({ code: 'PROJECT_UNKNOWN' })
  })
})
