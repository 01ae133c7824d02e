import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { VerifyMode, VerifyReport } from '../../model/project.ts'
import { startWitness, type Witness } from '../../services/index.ts'
import { verifyId } from '../../workflows/messages.ts'
import { openSandbox, type Product, type Sandbox } from './sandbox.ts'

const HOUR = 3_600_000
const OTHER_FAMILY = 'other'
const STRANGER = '(no key)'

/** What is done to some rows of a target, and what each way to compare must say of them. */
interface Mutation {
  readonly what: string
  /** `a` and `b` are rows that no other mutation touches; the note of `a` is not NULL. */
  readonly spoil: (target: Target, a: string, b: string) => Promise<void>
  /** Verdict and columns, by row. */
  readonly found: (a: string, b: string) => Readonly<Record<string, string>>
}

const different =
  (columns = 'c:name') =>
  (a: string) => ({ [a]: `different ${columns}` })

const MUTATIONS: readonly Mutation[] = [
  {
    what: 'a row dropped',
    spoil: (target, a) => target.dropRow(a),
    found: (a) => ({ [a]: 'missing' }),
  },
  { what: 'a cell dropped', spoil: (target, a) => target.drop(a, 'name'), found: different() },
  {
    what: 'two rows swapped',
    async spoil(target, a, b) {
      await target.put(a, 'name', `name ${b}`)
      await target.put(b, 'name', `name ${a}`)
    },
    found: (a, b) => ({ ...different()(a), ...different()(b) }),
  },
  {
    what: 'an old value at a newer version',
    spoil: (target, a) => target.put(a, 'name', 'as it was', { later: 1 }),
    found: different(),
  },
  {
    what: 'an old value at the very version',
    spoil: (target, a) => target.put(a, 'name', 'as it was'),
    found: different(),
  },
  {
    what: 'the right value hidden by a deletion to come',
    spoil: (target, a) => target.drop(a, 'name', { later: HOUR }),
    found: different(),
  },
  {
    what: 'a cell in another family',
    async spoil(target, a) {
      await target.drop(a, 'name')
      await target.put(a, 'name', `name ${a}`, { family: OTHER_FAMILY })
    },
    found: different(`c:name ${OTHER_FAMILY}:name`),
  },
  {
    what: 'a row too many',
    spoil: (target) => target.put('999', 'name', 'nobody'),
    found: () => ({ '999': 'extra' }),
  },
  {
    what: 'a row that no key makes',
    spoil: (target) => target.put('no~key', 'name', 'nobody'),
    found: () => ({ [STRANGER]: 'extra' }),
  },
  {
    what: 'a row under another key',
    async spoil(target, a) {
      await target.dropRow(a)
      for (const [column, value] of Object.entries(rowOf(a))) await target.put('998', column, value)
    },
    found: (a) => ({ [a]: 'missing', '998': 'extra' }),
  },
  {
    what: 'a cell too many',
    spoil: (target, a) => target.put(a, 'colour', 'red'),
    found: different('c:colour'),
  },
  {
    what: 'an empty text for a NULL',
    spoil: (target, _, b) => target.put(b, 'note', ''),
    found: (_, b) => different('c:note')(b),
  },
  {
    what: 'a NULL for an empty text',
    spoil: (target, a) => target.drop(a, 'note'),
    found: different('c:note'),
  },
  {
    what: 'a blank at the end',
    spoil: (target, a) => target.put(a, 'name', `name ${a} `),
    found: different(),
  },
  {
    what: 'the right value at a version to come',
    spoil: (target, a) => target.put(a, 'name', `name ${a}`, { later: HOUR }),
    found: different(),
  },
  {
    what: 'the right value at a version before the load',
    spoil: (target, a) => target.backdate(a, 'name', HOUR),
    found: different(),
  },
]

/** Two rows for each mutation, and some that stay as they are. */
const ROWS = MUTATIONS.length * 2 + 8
const rowsOf = (index: number): [a: string, b: string] => [`${2 * index + 1}`, `${2 * index + 2}`]

/** What a mode must say of the rows of each mutation: one that counts sees rows, and not what is in them. */
const foundBy = (mode: VerifyMode): readonly Readonly<Record<string, string>>[] =>
  MUTATIONS.map(({ found }, i) =>
    Object.fromEntries(
      Object.entries(found(...rowsOf(i))).filter(
        ([, verdict]) => mode !== 'count' || !verdict.startsWith('different'),
      ),
    ),
  )

/** A sample of all rows must see what the others do. */
const MODES: readonly VerifyMode[] = ['points', 'buckets', 'sample', 'count']
const SAMPLE = 'sample: { percent: 100 }'

describe.each<Product>(['mysql', 'mariadb'])('the verifier on %s', (product) => {
  let sandbox: Sandbox
  let witness: Witness
  beforeAll(async () => {
    sandbox = await openSandbox(product)
    witness = await startWitness({ address: inject('hbase') }, () => undefined)
    await sandbox.worker()
    for (const table of ['goods', 'line'])
      await sandbox.admin.query(
        `create table ${table} (id int primary key, name varchar(20), note varchar(20));
         insert into ${table} with recursive n (i) as (select 1 union all select i + 1 from n where i < ${ROWS})
           select i, concat('name ', i), if(i % 2, '', null) from n`,
      )
  }, 120_000)
  afterAll(async () => {
    await witness.close()
    await sandbox.close()
  })

  describe.each(MODES)('in mode %s', (mode) => {
    const project = () => `${sandbox.name}-${mode}`
    const found = foundBy(mode)
    const howMany = (verdict: string): number =>
      found.flatMap(Object.values<string>).filter((one) => one.startsWith(verdict)).length
    let listed: ReadonlyMap<string, ReadonlyMap<string, string>>
    beforeAll(async () => {
      const tables = ['goods', 'line'].map(
        (table) => `  - { from: $db.${table}, to: '$db:${mode}_${table}', family: c }`,
      )
      await sandbox.start(
        `tables:\n${tables.join('\n')}\nverify: { mode: ${mode}, correct: never, ${SAMPLE} }`,
        { project: project() },
      )
      const issuedAt = await certificateAfter('')
      const goods = await targetOf(witness, `${sandbox.name}:${mode}_goods`)
      await goods.addFamily(OTHER_FAMILY)
      for (const [i, { spoil }] of MUTATIONS.entries()) await spoil(goods, ...rowsOf(i))
      const line = await targetOf(witness, `${sandbox.name}:${mode}_line`)
      for (let id = 1; id <= ROWS; id++) await line.drop(String(id), 'name')
      await sandbox.update('verify', {}, project())
      await certificateAfter(issuedAt)
      listed = await listsOf(witness, `${project()}|`)
    }, 240_000)

    const listOf = (table: string): string => `${project()}|${sandbox.name}:${mode}_${table}|2`

    const certificateAfter = (issuedAt: string): Promise<string> =>
      sandbox.until(
        ({ phase, certificate }) =>
          phase === 'switch' && certificate !== null && certificate.issuedAt > issuedAt
            ? certificate.issuedAt
            : undefined,
        { project: project(), seconds: 200 },
      )

    test.each(MUTATIONS.map(({ what }, i) => ({ what, i })))('finds $what', ({ i }) => {
      const list = listed.get(listOf('goods'))
      const expected = found[i] ?? {}
      const keys = [...new Set([...rowsOf(i), ...Object.keys(expected)])]
      const said = keys.flatMap((key) => {
        const verdict = list?.get(key)
        return verdict === undefined ? [] : [[key, verdict] as const]
      })
      expect(Object.fromEntries(said)).toEqual(expected)
    })

    test('counts each of them once, and nothing else', async () => {
      const none = { rows: ROWS, matched: ROWS, missing: 0, different: 0, extra: 0, unstable: 0 }
      expect(await reportOf('goods', 1)).toMatchObject(none)
      const [missing, different, extra] = ['missing', 'different', 'extra'].map(howMany)
      const [lost = 0, wrong = 0, more = 0] = [missing, different, extra]
      expect(await reportOf('goods', 2)).toMatchObject({
        ...{ mode, rows: ROWS, matched: ROWS - lost - wrong, unstable: 0 },
        ...{ missing, different, extra },
      })
      expect(listed.get(listOf('goods'))?.size).toBe(lost + wrong + more)
    })

    test('finds a column dropped from every row, or does not claim to', async () => {
      const wrong = mode === 'count' ? 0 : ROWS
      expect(await reportOf('line', 1)).toMatchObject({ matched: ROWS, different: 0 })
      expect(await reportOf('line', 2)).toMatchObject({
        ...{ matched: ROWS - wrong, different: wrong, missing: 0, extra: 0 },
      })
      const list = [...(listed.get(listOf('line'))?.values() ?? [])]
      expect(list).toEqual(Array.from({ length: wrong }, () => 'different c:name'))
    })

    test('gives a certificate that is clean for nobody here, and says what it is', async () => {
      const { certificate, tables } = await sandbox.status(project())
      expect(certificate).toMatchObject({ clean: false, tables: [{ mode }, { mode }] })
      expect(tables['goods']?.state).toBe('different')
      expect(tables['line']?.state).toBe(mode === 'count' ? 'counted' : 'different')
    })

    const reportOf = (table: string, round: number): Promise<VerifyReport> =>
      sandbox.client.workflow.getHandle(verifyId(project(), table, round)).result()
  })
})

const rowOf = (id: string): Record<string, string> => ({
  id,
  name: `name ${id}`,
  ...(Number(id) % 2 ? { note: '' } : {}),
})

/** A target as a stranger changes it; at the version its cells have, unless it is said. */
interface Target {
  put(
    key: string,
    qualifier: string,
    value: string,
    how?: { family?: string; later?: number },
  ): Promise<void>
  drop(key: string, qualifier: string, how?: { later?: number }): Promise<void>
  dropRow(key: string): Promise<void>
  /** The same value, older than it can be. */
  backdate(key: string, qualifier: string, by: number): Promise<void>
  addFamily(family: string): Promise<void>
}

async function targetOf(witness: Witness, table: string): Promise<Target> {
  let version = 0
  for await (const cell of witness.dump(table)) version = Math.max(version, cell.timestamp)
  const put: Target['put'] = (key, qualifier, value, { family = 'c', later = 0 } = {}) =>
    witness.put(table, {
      row: hex(key),
      family: hex(family),
      qualifier: hex(qualifier),
      timestamp: version + later,
      value: hex(value),
    })
  const command = async (...words: string[]): Promise<void> => {
    await witness.command(...words)
  }
  const at = (key: string, qualifier: string, timestamp: number): string[] => [
    ...[table, hex(key), hex('c'), hex(qualifier)],
    String(timestamp),
  ]
  return {
    put,
    drop: (key, qualifier, { later = 0 } = {}) =>
      command('deletecell', ...at(key, qualifier, version + later)),
    dropRow: (key) => witness.deleteRow(table, hex(key), version),
    async backdate(key, qualifier, by) {
      await command('deleteversion', ...at(key, qualifier, version))
      await put(key, qualifier, rowOf(key)[qualifier] ?? '', { later: -by })
    },
    addFamily: (family) => command('family', table, hex(family)),
  }
}

/** What is listed of each verification of a project, by key. */
async function listsOf(
  witness: Witness,
  prefix: string,
): Promise<Map<string, Map<string, string>>> {
  const rows = new Map<string, Record<string, string>>()
  for await (const { row, qualifier, value } of witness.dump('longhaul:diff')) {
    const cells = rows.get(text(row)) ?? {}
    rows.set(text(row), { [text(qualifier)]: text(value), ...cells })
  }
  const lists = new Map<string, Map<string, string>>()
  for (const [row, { key = STRANGER, verdict, columns }] of rows) {
    if (!row.startsWith(prefix)) continue
    const name = row.split('|').slice(0, 3).join('|')
    const list = lists.get(name) ?? new Map<string, string>()
    lists.set(name, list.set(key, [verdict, columns].filter(Boolean).join(' ')))
  }
  return lists
}

const hex = (plain: string): string => Buffer.from(plain).toString('hex')
const text = (coded: string): string => Buffer.from(coded, 'hex').toString()
