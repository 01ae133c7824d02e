import { describe, expect, test } from 'vitest'
import type { Column, ColumnKind, TableSchema } from '../../../model/table.ts'
import { append } from '../../../sources/mysql/log/append.ts'
import { dedupe } from '../../../sources/mysql/log/dedupe.ts'
import { createShared, SHARED_OBJECTS } from '../../../sources/mysql/tables.ts'
import { createTrigger, definerOf, triggersOf } from '../../../sources/mysql/triggers.ts'

const column = (name: string, kind: ColumnKind, native: string): Column => ({
  name,
  kind,
  native,
  nullable: false,
  large: false,
})

const TABLES: Readonly<Record<string, TableSchema>> = {
  goods: {
    name: 'shop.goods',
    key: ['id'],
    foreignKeys: [],
    columns: [
      column('id', 'integer', 'int'),
      column('name', 'text', 'varchar(40)'),
      column('price', 'decimal', 'decimal(10,2)'),
      column('state', 'enum', "enum('new','used')"),
      column('detail', 'json', 'json'),
      column('seen_at', 'timestamp', 'timestamp'),
    ],
  },
  'every-key': {
    name: 'shop.odd `table`',
    key: ['a', 'b', 'c', 'd', 'e', 'f'],
    foreignKeys: [],
    columns: [
      column('a', 'integer', 'int(8) unsigned zerofill'),
      column('b', 'text', 'varchar(20) character set latin1 collate latin1_bin'),
      column('c', 'timestamp', 'timestamp(3)'),
      column('d', 'bytes', 'binary(16)'),
      column('e', 'bits', 'bit(3)'),
      column('f', 'datetime', 'datetime(6)'),
    ],
  },
  wide: {
    name: 'shop.wide',
    key: ['id'],
    foreignKeys: [],
    columns: [
      column('id', 'integer', 'int'),
      ...Array.from({ length: 64 }, (_, i) => column(`c${i}`, 'integer', 'int')),
    ],
  },
}

describe.each([
  { mode: append, folder: 'mysql' },
  { mode: dedupe, folder: 'mysql-dedupe' },
])('golden SQL, log: $mode.name', ({ mode, folder }) => {
  test.each(Object.entries(TABLES))('triggers of %s', async (name, table) => {
    const bits = table.columns.map((one) => one.name)
    const words = name === 'wide' ? 2 : 1
    const statements = triggersOf({ sourceId: 7, table, bits, words }, 'longhaul', mode).map(
      (trigger) => createTrigger(trigger, definerOf('longhaul_def@%')),
    )
    await expect(`${statements.join(';\n\n')};\n`).toMatchFileSnapshot(
      `../../golden/${folder}/${name}.sql`,
    )
  })

  test('our own tables', async () => {
    const statements = SHARED_OBJECTS.map((object) => createShared(object, 'longhaul', mode))
    await expect(`${statements.join(';\n\n')};\n`).toMatchFileSnapshot(
      `../../golden/${folder}/tables.sql`,
    )
  })
})
