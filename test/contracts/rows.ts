import { expect } from 'vitest'
import type { RowMutation, StoredCell, StoredRow } from '../../model/mutation.ts'
import type { StoredPage } from '../../model/page.ts'
import type { ScanOptions, Sink } from '../../sinks/sink.ts'

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

/** The rows a scan gives, and page by page the same ones; each page is read twice. */
export async function collectBoth(
  sink: Sink,
  table: string,
  options: ScanOptions,
): Promise<readonly StoredRow[]> {
  const scanned = await collect(sink.scan(table, options))
  const paged: StoredRow[] = []
  for await (const page of sink.pages(table, options)) {
    const first = rowsOf(page)
    page.rewind()
    expect(rowsOf(page)).toEqual(first)
    expect(first).toHaveLength(page.length)
    for (const [i, { row }] of first.entries())
      expect(Buffer.from(page.keyAt(i))).toEqual(Buffer.from(row))
    paged.push(...first)
  }
  expect(plainRows(paged)).toEqual(plainRows(scanned))
  return scanned
}

function rowsOf(page: StoredPage): StoredRow[] {
  const rows: StoredRow[] = []
  const copy = (start: number, end: number): Buffer => Buffer.from(page.bytes.slice(start, end))
  while (page.nextRow()) {
    const row = copy(page.rowStart, page.rowEnd)
    const cells: StoredCell[] = []
    while (page.nextCell())
      cells.push({
        family: copy(page.familyStart, page.qualifierStart),
        qualifier: copy(page.qualifierStart, page.qualifierEnd),
        version: page.timestamp,
        value: copy(page.valueStart, page.valueEnd),
      })
    rows.push({ row, cells })
  }
  return rows
}

const plainRows = (rows: readonly StoredRow[]): unknown =>
  rows.map(({ row, cells }) => [
    Buffer.from(row).toString('hex'),
    cells.map(({ family, qualifier, version, value }) => [
      ...[family, qualifier, value].map((one) => Buffer.from(one).toString('hex')),
      version,
    ]),
  ])
