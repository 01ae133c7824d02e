import type { FamilyMapping, Mapping, RowKeyShape } from '../../model/mapping.ts'
import type { Column, ColumnKind, TableSchema } from '../../model/table.ts'
import type { Row } from '../../model/value.ts'

/** A table `shop.goods`; a column is `name kind`, and `!` marks those of the key, `*` large ones. */
export function table(...columns: string[]): TableSchema {
  const parsed = columns.map((text) => {
    const [name = '', kind = 'text', mark = ''] = text.split(' ')
    return { name, kind: kind as ColumnKind, mark }
  })
  return {
    name: 'shop.goods',
    columns: parsed.map(({ name, kind, mark }): Column => ({
      name,
      kind,
      native: kind,
      nullable: !mark.includes('!'),
      large: mark.includes('*'),
    })),
    key: parsed.filter(({ mark }) => mark.includes('!')).map(({ name }) => name),
    foreignKeys: [],
  }
}

export const mapping = (
  family: Partial<FamilyMapping> = {},
  rowKey: RowKeyShape = {},
): Mapping => ({
  name: 'goods',
  source: 'shop',
  cluster: 'main',
  target: 'shop:goods',
  anchor: 'shop.goods',
  families: [{ family: 'f', table: 'shop.goods', path: [], rename: {}, exclude: [], ...family }],
  rowKey,
  accept: [],
})

const utf8 = new TextEncoder()

export const row = (...values: (string | null)[]): Row =>
  values.map((value) => (value === null ? null : utf8.encode(value)))

export const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
