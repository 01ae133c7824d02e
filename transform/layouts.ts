import { SyncError } from '../model/errors.ts'
import type { CodecName, FamilyMapping } from '../model/mapping.ts'
import type { Column, TableSchema } from '../model/table.ts'
import type { Layout } from './codecs/codec.ts'
import { codecs } from './codecs/index.ts'

/** How each column is laid out. Throws CODEC_UNFIT naming every column whose codec cannot hold all its values. */
export function layoutsOf(family: FamilyMapping, table: TableSchema): readonly Layout[] {
  const layouts: Layout[] = []
  const unfit: { readonly name: string; readonly text: string }[] = []
  for (const column of table.columns) {
    const codec = codecOf(family, column)
    const layout = codecs[codec].layout(column)
    if (layout !== null) layouts.push(layout)
    else unfit.push({ name: column.name, text: `${column.name} (${column.native} as ${codec})` })
  }
  const [first] = unfit
  if (first === undefined) return layouts
  const all = unfit.map(({ text }) => text).join(', ')
  throw new SyncError(
    'CODEC_UNFIT',
    `${table.name}: ${all}. Name another codec for them, as in codecs: { ${first.name}: utf8 }, or exclude them`,
  )
}

const codecOf = (
  { codec = 'utf8', codecs: own = {} }: FamilyMapping,
  { name }: Column,
): CodecName => (Object.hasOwn(own, name) ? (own[name] as CodecName) : codec)
