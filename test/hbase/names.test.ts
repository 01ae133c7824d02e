import { expect, test } from 'vitest'
import { checkSnapshotName, formatTableName, parseTableName } from '../../hbase/table-name.ts'

test.each(['zookeeper', 'n:zookeeper', 'zookeeper:t', 'a½', 'a\u{10400}', 'é'.repeat(128)])(
  '%j is no table to HBase either',
  (table) => {
    expect(() => parseTableName(table)).toThrow(
      expect.objectContaining({ code: 'TABLE_NAME_INVALID' }),
    )
  },
)

test('letters and digits of any script make a table', () => {
  for (const table of [
    'ü_1',
    '名:表',
    'aⅧ',
    '٣',
    'e\u0301\u0345'.normalize('NFC'),
    'é'.repeat(127),
  ])
    expect(formatTableName(parseTableName(table))).toBe(table)
})

test.each(['', '.', '..', '../a', 'a/b', '.tmp', '-s', 'a:b', 'a b', 'zookeeper', 's'.repeat(256)])(
  '%j is no snapshot',
  (name) => {
    expect(() => {
      checkSnapshotName(name)
    }).toThrow(expect.objectContaining({ code: 'SNAPSHOT_NAME_INVALID' }))
  },
)
