import type { RowMutation } from '../../model/mutation.ts'
import { RowPage } from '../../model/page.ts'
import type { KeyText, Row } from '../../model/value.ts'
import { MemoryWriter } from '../../sinks/memory/writer.ts'
import type { Transform } from '../../transform/transform.ts'

/** What a transform makes of single rows, as mutations. */
export function mutationsOf(transform: Transform) {
  const one = (version: number, give: (writer: MemoryWriter) => void): RowMutation => {
    const made: RowMutation[] = []
    const writer = new MemoryWriter(transform.columns, version, (mutations) => {
      made.push(...mutations)
      return Promise.resolve([])
    })
    give(writer)
    void writer.write()
    return made[0] as RowMutation
  }
  const place = (row: Row) => ({ page: RowPage.of(row.length, [row]), row: 0 })
  return {
    put: (row: Row, version: number) =>
      one(version, (writer) => transform.visit(place(row).page, writer)),
    replace: (row: Row, version: number) =>
      one(version, (writer) => transform.replace(place(row), writer)),
    update: (row: Row, changed: ReadonlySet<string> | null, version: number) =>
      one(version, (writer) => transform.update(place(row), changed, writer)),
    remove: (key: KeyText, version: number) =>
      one(version, (writer) => transform.remove(key, writer)),
  }
}
