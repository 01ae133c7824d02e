import { sealFor } from '../../activities/seal.ts'
import type { Mapping } from '../../model/mapping.ts'
import type { Column, TableSchema } from '../../model/table.ts'
import { compile } from '../../transform/compile.ts'

/** The one table: `b` is large, so that an update which did not change it leaves it out. */
const column = (name: string, large = false): Column => ({
  name,
  kind: 'text',
  native: large ? 'longtext' : 'varchar(20)',
  nullable: name !== 'id',
  large,
})

export const TABLE: TableSchema = {
  name: 'shop.t',
  columns: [column('id'), column('a'), column('b', true)],
  key: ['id'],
  foreignKeys: [],
}

export const PROJECT = 'explore'

export const MAPPING: Mapping = {
  name: 't',
  source: 'shop',
  cluster: 'main',
  target: 't',
  anchor: TABLE.name,
  families: [{ family: 'f', table: TABLE.name, path: [], rename: {}, exclude: [] }],
  rowKey: {},
  accept: [],
}

export const TRANSFORM = compile(MAPPING, TABLE)
export const SEAL = sealFor('memory', `${PROJECT}/${MAPPING.name}`)
