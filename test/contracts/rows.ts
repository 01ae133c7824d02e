import type { RowMutation, StoredRow } from '../../model/mutation.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export const bytes = (text: string): Uint8Array => encoder.encode(text)

export type Cells = Readonly<Record<string, string | null>>

const FAMILIES = ['f', 'g'].map(bytes)

const mutation =
  (kind: RowMutation['kind']) =>
  (row: string, version: number, cells: Cells): RowMutation => ({
    kind,
    row: bytes(row),
    version,
    families: FAMILIES,
    cells: Object.entries(cells).map(([name, value]) => {
      const [family = '', qualifier = ''] = name.split(':')
      return {
        column: { family: bytes(family), qualifier: bytes(qualifier) },
        value: value === null ? null : bytes(value),
      }
    }),
  })

export const put = mutation('put')
export const replace = mutation('replace')
export const update = mutation('update')
export const remove = (row: string, version: number): RowMutation =>
  mutation('remove')(row, version, {})

/** Rows as text, in their order: `{ key: 'family:qualifier@version=value ...' }`. */
export const shown = (rows: readonly StoredRow[]): Record<string, string> =>
  Object.fromEntries(
    rows.map(({ row, cells }) => [
      decoder.decode(row),
      cells
        .map(
          ({ family, qualifier, version, value }) =>
            `${decoder.decode(family)}:${decoder.decode(qualifier)}@${version}=${decoder.decode(value)}`,
        )
        .join(' '),
    ]),
  )

export async function collect<T>(pages: AsyncIterable<readonly T[]>): Promise<T[]> {
  const all: T[] = []
  for await (const page of pages) all.push(...page)
  return all
}
