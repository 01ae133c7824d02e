/** A table to be moved; its values follow from the number of the row, so that every run has the same. */
export interface Workload {
  readonly name: string
  readonly about: string
  /** Type, and the value of row `n` as SQL; `n` is an integer from 1. */
  readonly columns: Readonly<Record<string, readonly [type: string, value: string]>>
}

/** Sixteen hexadecimal digits that look random. */
const digits = (seed: string): string => `LEFT(SHA2(CONCAT('${seed}', n), 256), 16)`

export const WORKLOADS: readonly Workload[] = [
  {
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
    name: 'narrow',
    about: '3 columns, 30 bytes a row',
    columns: {
      id: ['BIGINT NOT NULL PRIMARY KEY', 'n'],
      account: ['INT', 'MOD(n * 31, 100000)'],
      amount: ['DECIMAL(14,2)', 'MOD(n * 7919, 9999999) / 100'],
    },
  },
  {
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
]

export const SCHEMA = 'bench'

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
