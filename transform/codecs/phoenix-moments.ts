import type { Encode } from './codec.ts'
import { putWord } from './integers.ts'

const WORD = 0x1_0000_0000
const DAY_MS = 86_400_000

/** The first day of the Gregorian calendar, and the last of the Julian one before it, as year * 10000 + month * 100 + day. */
const FIRST_GREGORIAN = 1582_10_15
const LAST_JULIAN = 1582_10_04

/** From 1 March of the year 0 of each calendar to 1 January 1970. */
const GREGORIAN_DAYS = 719_468
const JULIAN_DAYS = 719_470

/** As Phoenix's `PDate` writes it: milliseconds since 1970 in eight bytes, the sign bit inverted. Null for zero dates. */
export const phoenixDate: Encode = (text) => {
  const days = daysOf(text)
  if (days === null || text.length !== 10) return null
  const cell = new Uint8Array(8)
  putMilliseconds(cell, days * DAY_MS)
  return cell
}

/** As Phoenix's `PTimestamp` writes it: the same, then what is finer as nanoseconds in four bytes. Null for zero dates. */
export const phoenixTimestamp: Encode = (text) => {
  const days = daysOf(text)
  if (days === null || text.length < 19) return null
  const seconds = pair(text, 11) * 3600 + pair(text, 14) * 60 + pair(text, 17)
  const nanoseconds = fraction(text)
  if (Number.isNaN(seconds) || Number.isNaN(nanoseconds)) return null
  const milliseconds = Math.floor(nanoseconds / 1_000_000)
  const cell = new Uint8Array(12)
  putMilliseconds(cell, days * DAY_MS + seconds * 1000 + milliseconds)
  putWord(cell, 8, nanoseconds - milliseconds * 1_000_000)
  return cell
}

/**
 * Days from 1970-01-01 to a date as Phoenix reads it: before 15 October 1582 it is one of the Julian calendar, and the
 * ten days before that never were (`GJChronology` in its `DateUtil`). Null for what is no date, such as 2024-00-00.
 */
function daysOf(text: Uint8Array): number | null {
  const year = pair(text, 0) * 100 + pair(text, 2)
  const month = pair(text, 5)
  const day = pair(text, 8)
  const date = year * 10_000 + month * 100 + day
  const gregorian = date >= FIRST_GREGORIAN
  // NaN fails each of them
  if (!(year >= 1 && month >= 1 && month <= 12 && day >= 1)) return null
  if (day > lengthOf(month, isLeap(year, gregorian))) return null
  if (!gregorian && date > LAST_JULIAN) return null
  const days = sinceMarch(year, month, day)
  if (!gregorian) return days - JULIAN_DAYS
  const centuries = Math.floor((month > 2 ? year : year - 1) / 100)
  return days - centuries + Math.floor(centuries / 4) - GREGORIAN_DAYS
}

const isLeap = (year: number, gregorian: boolean): boolean =>
  year % 4 === 0 && (!gregorian || year % 100 !== 0 || year % 400 === 0)

function lengthOf(month: number, leap: boolean): number {
  if (month === 2) return leap ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

/** Days since 1 March of the year 0, with every fourth year a leap year: years that begin in March have its day last. */
function sinceMarch(year: number, month: number, day: number): number {
  const from = month > 2 ? year : year - 1
  const months = month > 2 ? month - 3 : month + 9
  return from * 365 + Math.floor(from / 4) + Math.floor((153 * months + 2) / 5) + day - 1
}

/** Two digits as a number; NaN for anything else. */
function pair(text: Uint8Array, at: number): number {
  const tens = (text[at] ?? 0) - 0x30
  const ones = (text[at + 1] ?? 0) - 0x30
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NaN
}

/** `.5` -> 500,000,000; none or the `Z` of a timestamp -> 0. */
function fraction(text: Uint8Array): number {
  if (text[19] !== 0x2e) return 0
  let value = 0
  let unit = 100_000_000
  for (let i = 20; i < text.length && text[i] !== 0x5a; i++) {
    const digit = (text[i] as number) - 0x30
    if (digit < 0 || digit > 9 || unit < 1) return NaN
    value += digit * unit
    unit /= 10
  }
  return value
}

function putMilliseconds(cell: Uint8Array, milliseconds: number): void {
  const high = Math.floor(milliseconds / WORD)
  putWord(cell, 0, high ^ 0x8000_0000)
  putWord(cell, 4, milliseconds - high * WORD)
}
