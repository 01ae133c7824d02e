import type { StoredCell, StoredRow } from '../../model/mutation.ts'
import type { StoredPage } from '../../model/page.ts'

/** Where the parts of a cell lie. */
type Place = readonly [family: number, qualifier: number, value: number, end: number]

/** Copies rows into one piece. */
export class MemoryPage implements StoredPage {
  readonly bytes: Uint8Array
  private readonly rows: readonly StoredRow[]
  private readonly keys: readonly number[]
  private readonly places: readonly (readonly Place[])[]
  private row = -1
  private cell = -1

  constructor(rows: readonly StoredRow[]) {
    const parts: Uint8Array[] = []
    let end = 0
    const add = (part: Uint8Array): number => {
      parts.push(part)
      return (end += part.length) - part.length
    }
    const place = ({ family, qualifier, value }: StoredCell): Place => {
      const starts = [add(family), add(qualifier), add(value)] as const
      return [...starts, end]
    }
    this.rows = rows
    this.keys = rows.map(({ row }) => add(row))
    this.places = rows.map(({ cells }) => cells.map(place))
    this.bytes = Buffer.concat(parts)
  }

  get length(): number {
    return this.rows.length
  }

  nextRow(): boolean {
    this.cell = -1
    return ++this.row < this.rows.length
  }

  nextCell(): boolean {
    return ++this.cell < (this.places[this.row]?.length ?? 0)
  }

  rewind(): void {
    this.row = -1
  }

  keyAt(index: number): Uint8Array {
    return this.rows[index]?.row ?? new Uint8Array(0)
  }

  get rowStart(): number {
    return this.keys[this.row] ?? 0
  }

  get rowEnd(): number {
    return this.rowStart + this.keyAt(this.row).length
  }

  get familyStart(): number {
    return this.place[0]
  }

  get qualifierStart(): number {
    return this.place[1]
  }

  get qualifierEnd(): number {
    return this.place[2]
  }

  get valueStart(): number {
    return this.place[2]
  }

  get valueEnd(): number {
    return this.place[3]
  }

  get timestamp(): number {
    return this.rows[this.row]?.cells[this.cell]?.version ?? 0
  }

  private get place(): Place {
    return this.places[this.row]?.[this.cell] ?? [0, 0, 0, 0]
  }
}
