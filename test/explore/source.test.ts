import type { TableSchema } from '../../model/table.ts'
import { sourceContract } from '../contracts/source.ts'
import { MemoryDatabase, type Table, type Transaction } from './database.ts'
import { MemorySource } from './source.ts'

const column = (name: string, kind: 'integer' | 'text'): TableSchema['columns'][number] => ({
  name,
  kind,
  native: kind,
  nullable: name !== 'id',
  large: false,
})

const schema = (name: string, key: readonly string[]): TableSchema => ({
  name,
  columns: [column('id', 'integer'), column('name', 'text')],
  key,
  foreignKeys: [],
})

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const value = (sql: string): Uint8Array | null => (sql === 'NULL' ? null : bytes(sql.slice(1, -1)))

/** As much SQL as the contract speaks. */
function run(transaction: Transaction, table: Table, sql: string): void {
  const insert = /^INSERT .* VALUES \((-?\d+), (.*)\)$/.exec(sql)
  if (insert !== null) {
    const [, id = '', name = ''] = insert
    transaction.insert(table, [bytes(id), value(name)])
    return
  }
  const where = /WHERE id = (\d+)$/.exec(sql)?.[1]
  const keys = where === undefined ? [...table.rows.keys()] : [where]
  for (const key of keys)
    if (sql.startsWith('DELETE')) transaction.delete(table, key)
    else update(transaction, table, key, sql)
}

function update(transaction: Transaction, table: Table, key: string, sql: string): void {
  const [id = null, name = null] = transaction.read(table, key) ?? []
  const [, column, to = ''] = /SET (\w+) = ('[^']*'|\d+)/.exec(sql) ?? []
  transaction.update(table, key, column === 'id' ? [bytes(to), name] : [id, value(to)])
}

for (const log of ['append', 'dedupe'] as const)
  sourceContract(`memory, log: ${log}`, () => {
    const database = new MemoryDatabase(log)
    database.create(schema('shop.goods', ['id']))
    database.create(schema('shop.keyless', []))
    const table = database.table('shop.goods')
    return Promise.resolve({
      source: new MemorySource(database),
      table: 'shop.goods',
      sqlTable: 'shop.goods',
      keyless: 'shop.keyless',
      writer() {
        let open: Transaction | null = null
        const done = (end: 'commit' | 'rollback'): Promise<void> => {
          open?.[end]()
          open = null
          return Promise.resolve()
        }
        return Promise.resolve({
          run(sql: string) {
            const transaction = open ?? database.begin()
            run(transaction, table, sql)
            if (open === null) transaction.commit()
            return Promise.resolve()
          },
          begin() {
            open = database.begin()
            return Promise.resolve()
          },
          commit: () => done('commit'),
          rollback: () => done('rollback'),
        })
      },
      close: () => Promise.resolve(),
    })
  })
