import { isNote, isWhole, kindOf, placeOf, rowKey, valuesOf, versionOf } from './rows.ts'
import type { Place, Value } from './rows.ts'

/** What is wrong with a row that was read. */
export interface Finding {
  readonly kind: 'lost' | 'extra' | 'misplaced'
  readonly text: string
}

/**
 * What each row of a table may hold. A row has one writer and its versions ascend; a mutation whose
 * call threw may be there or not, for ever, but only whole.
 */
export class Ledger {
  readonly place: Place
  /** The newest acknowledged version that decides about the whole row; 0 for none. */
  readonly whole: Int32Array
  readonly note: Int32Array
  readonly begun: Int32Array
  /** By the suite's own clock: when a row was last begun to be written, and when that was settled. */
  readonly #begunAt: Float64Array
  readonly #settledAt: Float64Array
  /** Versions whose outcome nobody knows. */
  readonly #unknown = new Map<number, number[]>()

  constructor(place: Place) {
    this.place = place
    this.whole = new Int32Array(place.rows)
    this.note = new Int32Array(place.rows)
    this.begun = new Int32Array(place.rows)
    this.#begunAt = new Float64Array(place.rows)
    this.#settledAt = new Float64Array(place.rows)
  }

  /** The version to be written next, and the start of its uncertainty. */
  begin(row: number): number {
    this.#begunAt[row] = tick()
    this.#settledAt[row] = Infinity
    const version = number(this.begun[row]) + 1
    this.begun[row] = version
    return version
  }

  acknowledge(row: number, version: number): void {
    const newest = isWhole(kindOf(row, version)) ? this.whole : this.note
    newest[row] = Math.max(number(newest[row]), version)
    const open = this.#stillUnknown(row)
    if (open.length === 0) this.#unknown.delete(row)
    else this.#unknown.set(row, open)
    this.#settledAt[row] = open.length === 0 ? tick() : Infinity
  }

  /** The call threw: it may have been written, and may yet be. */
  doubt(row: number, version: number): void {
    this.#unknown.set(row, [...(this.#unknown.get(row) ?? []), version])
  }

  /** Not written to since then, and with a known state. */
  isStableSince(row: number, time: number): boolean {
    return number(this.#begunAt[row]) < time && number(this.#settledAt[row]) < time
  }

  /** Every state the row may be in by what was acknowledged. */
  possible(row: number): readonly (readonly Value[])[] {
    const unknown = this.#unknown.get(row) ?? []
    const acknowledged = number(this.whole[row])
    const wholes = unknown.filter((v) => v > acknowledged && isWhole(kindOf(row, v)))
    return [acknowledged, ...wholes].flatMap((whole) => {
      const last = number(this.note[row])
      const least = Math.max(whole, last)
      const notes = unknown.filter((v) => v > least && !isWhole(kindOf(row, v)))
      return [last > whole ? last : 0, ...notes].map((note) => this.#state(row, whole, note))
    })
  }

  /** What is wrong with a row whose state is settled; undefined when nothing is. */
  judge(row: number, found: readonly Value[]): Finding | undefined {
    const possible = this.possible(row)
    if (possible.some((state) => same(state, found))) return undefined
    const at = placeOf(this.place.table, row)
    const text = `${rowKey(row)}: found ${show(found)}, expected ${possible.map(show).join(' or ')}`
    if (found.some((value) => !value.text.startsWith(at))) return { kind: 'misplaced', text }
    const [expected = []] = possible
    return { kind: expected.some((value) => !holds(found, value)) ? 'lost' : 'extra', text }
  }

  /** What is wrong with a row that may be changing: it must still be whole and no older than it was. */
  judgeMoving(row: number, found: readonly Value[], wholeThen: number): Finding | undefined {
    const at = placeOf(this.place.table, row)
    const text = `${rowKey(row)}: half or too old: ${show(found)}`
    if (found.some((value) => !value.text.startsWith(at))) return { kind: 'misplaced', text }
    const values = found.filter((value) => !isNote(value))
    const [first] = values
    if (first === undefined) return undefined
    const version = versionOf(first.text)
    const isSound =
      version >= wholeThen &&
      version <= number(this.begun[row]) &&
      same(this.#state(row, version, 0), values)
    return isSound ? undefined : { kind: 'lost', text }
  }

  #stillUnknown(row: number): number[] {
    const whole = number(this.whole[row])
    const note = Math.max(whole, number(this.note[row]))
    return (this.#unknown.get(row) ?? []).filter((version) =>
      isWhole(kindOf(row, version)) ? version > whole : version > note,
    )
  }

  #state(row: number, whole: number, note: number): readonly Value[] {
    return [
      ...(whole === 0 ? [] : valuesOf(this.place, row, whole)),
      ...(note === 0 ? [] : valuesOf(this.place, row, note)),
    ]
  }
}

let clock = 0

/** Later than everything before. */
export const tick = (): number => ++clock

/** Both in the order of columns. */
const same = (one: readonly Value[], other: readonly Value[]): boolean =>
  one.length === other.length && one.every((value) => holds(other, value))

const holds = (values: readonly Value[], { column, timestamp, text }: Value): boolean =>
  values.some(
    (value) => value.column === column && value.timestamp === timestamp && value.text === text,
  )

const show = (values: readonly Value[]): string =>
  `[${values.map(({ column, text }) => `${column}@${versionOf(text)}`).join(' ')}]`

const number = (value: number | undefined): number => value ?? 0
