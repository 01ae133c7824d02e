/** A table to be moved; its values follow from the number of the row, so that every run has the same. */
export interface Workload {
  readonly name: string
  readonly about: string
  /** The column of the primary key. */
  readonly key: string
  /** Buckets of its row keys; null leaves them as the key is. */
  readonly salt: number | null
  /** Of the rows asked for it has one in so many: large rows would take for ever. */
  readonly oneIn: number
  /** Type, and the value of row `n` as SQL; `n` is an integer from 1. */
  readonly columns: Readonly<Record<string, readonly [type: string, value: string]>>
}

const USUAL = { key: 'id', salt: 16, oneIn: 1 }

/** Sixteen hexadecimal digits that look random. */
const digits = (seed: string): string => `LEFT(SHA2(CONCAT('${seed}', n), 256), 16)`

export const WORKLOADS: readonly Workload[] = [
  {
    ...USUAL,
    name: 'orders',
    about: '10 columns, 160 bytes a row',
    columns: {
      id: ['INT UNSIGNED NOT NULL PRIMARY KEY', 'n'],
      name: ['VARCHAR(40)', `CONCAT('Customer ', ${digits('n')})`],
      email: ['VARCHAR(60)', `CONCAT(${digits('e')}, '@example.org')`],
      amount: ['DECIMAL(14,2)', 'MOD(n * 7919, 9999999) / 100'],
      quantity: ['INT', 'MOD(n * 31, 1000)'],
      weight: ['DECIMAL(10,3)', 'MOD(n * 104729, 1000000) / 1000'],
      created: ['DATETIME', "TIMESTAMPADD(SECOND, n, '2020-01-01')"],
      changed: ['DATETIME', "TIMESTAMPADD(SECOND, n * 3, '2021-01-01')"],
      status: [
        'VARCHAR(12)',
        "IF(MOD(n, 5) = 0, NULL, ELT(1 + MOD(n, 4), 'new', 'paid', 'sent', 'done'))",
      ],
      note: ['VARCHAR(80)', `IF(MOD(n, 10) = 0, NULL, CONCAT('Note ', LEFT(SHA2(n, 256), 32)))`],
    },
  },
  {
    ...USUAL,
    name: 'narrow',
    about: '3 columns, 30 bytes a row',
    columns: {
      id: ['BIGINT NOT NULL PRIMARY KEY', 'n'],
      account: ['INT', 'MOD(n * 31, 100000)'],
      amount: ['DECIMAL(14,2)', 'MOD(n * 7919, 9999999) / 100'],
    },
  },
  {
    ...USUAL,
    name: 'wide',
    about: '60 columns, 1 KB a row',
    columns: {
      id: ['INT UNSIGNED NOT NULL PRIMARY KEY', 'n'],
      ...Object.fromEntries(
        Array.from(
          { length: 59 },
          (_, i) => [`c${i + 1}`, ['VARCHAR(32)', digits(String(i))]] as const,
        ),
      ),
    },
  },
  {
    ...USUAL,
    name: 'skewed',
    about:
      '4 columns, 90 bytes a row, nine keys of ten begin with one of four prefixes, none salted',
    key: 'code',
    salt: null,
    columns: {
      code: [
        `VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY`,
        `CONCAT(IF(MOD(n, 10) > 0, ELT(1 + MOD(n, 4), 'eu-1', 'eu-2', 'us-1', 'us-2'), LEFT(SHA2(n, 256), 4)), '-', LPAD(n, 9, '0'))`,
      ],
      name: ['VARCHAR(40)', `CONCAT('Customer ', ${digits('n')})`],
      amount: ['DECIMAL(14,2)', 'MOD(n * 7919, 9999999) / 100'],
      changed: ['DATETIME', "TIMESTAMPADD(SECOND, n * 3, '2021-01-01')"],
    },
  },
  {
    ...USUAL,
    name: 'kilobyte',
    about: '3 columns, 1 KB a row in one of them',
    columns: {
      id: ['BIGINT NOT NULL PRIMARY KEY', 'n'],
      kind: ['VARCHAR(12)', "ELT(1 + MOD(n, 4), 'new', 'paid', 'sent', 'done')"],
      body: ['VARCHAR(1024)', `REPEAT(SHA2(n, 256), 16)`],
    },
  },
  {
    ...USUAL,
    name: 'blobs',
    about: '3 columns, 64 KB a row in one of them',
    oneIn: 200,
    columns: {
      id: ['BIGINT NOT NULL PRIMARY KEY', 'n'],
      kind: ['VARCHAR(12)', "ELT(1 + MOD(n, 4), 'new', 'paid', 'sent', 'done')"],
      body: ['MEDIUMBLOB', `REPEAT(UNHEX(SHA2(n, 512)), 1024)`],
    },
  },
]

export const workloadOf = (name: string): Workload => {
  const found = WORKLOADS.find((one) => one.name === name)
  if (found === undefined) throw new Error(`no workload ${name}`)
  return found
}

/** Of the rows asked for, those a table of this workload gets. */
export const rowsOf = ({ oneIn }: Workload, rows: number): number =>
  Math.max(1, Math.ceil(rows / oneIn))

export const SCHEMA = 'bench'
/** The family of every target. */
export const FAMILY = 'd'

/** How many rows one INSERT makes; more would fill the undo log for nothing. */
const STEP = 100_000

export const createTable = ({ name, columns }: Workload): string =>
  `CREATE TABLE ${SCHEMA}.${name} (${Object.entries(columns)
    .map(([column, [type]]) => `${column} ${type}`)
    .join(', ')})`

/** One statement after the other fills the table; `bench.digits` has the numbers 0 to 9 in the column d. */
export function* fillTable({ name, columns }: Workload, rows: number): Generator<string> {
  const values = Object.values(columns).map(([, value]) => value)
  const numbers =
    'SELECT 1 + a.d + 10 * b.d + 100 * c.d + 1000 * d.d + 10000 * e.d AS m ' +
    `FROM ${['a', 'b', 'c', 'd', 'e'].map((alias) => `${SCHEMA}.digits ${alias}`).join(', ')}`
  for (let from = 0; from < rows; from += STEP) {
    const n = `SELECT m + ${from} AS n FROM (${numbers}) numbers WHERE m + ${from} <= ${rows}`
    yield `INSERT INTO ${SCHEMA}.${name} SELECT ${values.join(', ')} FROM (${n}) rows_ ORDER BY n`
  }
}
