import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ERRORS, SyncError, type ErrorCode } from '../../model/errors.ts'

const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')
const [, ...sections] = page.split(/^### /m)
const codes = Object.keys(ERRORS) as ErrorCode[]

const sectionOf = (code: ErrorCode): string =>
  sections.find((section) => section.startsWith(`${code}\n`)) ?? ''

describe('docs/errors.md', () => {
  test('explains every code once, and no other', () => {
    const explained = sections.map((section) => section.slice(0, section.indexOf('\n')))
    expect(explained.toSorted()).toEqual(codes.toSorted())
  })

  test.each(codes)('%s: what it means, the message as it appears, what to do', (code) => {
    const { meaning, message, todo } =
      /^\w+\n\n(?<meaning>.+)\n\n```text\n(?<message>.+)\n```\n\n\*\*What to do\.\*\* (?<todo>.+)\n/.exec(
        sectionOf(code),
      )?.groups ?? {}
    expect(meaning).toMatch(/\.$/)
    expect(todo).toMatch(/[.`]$/)
    expect(message).toMatch(new RegExp(`\\[${code}\\]$`))
    // of a misused command only the detail is said, and a finding that does not block stands by itself
    if (code !== 'USAGE' && code !== 'TRUNCATE_UNSEEN') expect(message).toContain(ERRORS[code].text)
  })
})

test('an error says its sentence before its detail, and knows whether trying again helps', () => {
  const error = new SyncError('SOURCE_FULL', 'shop')
  expect(error.message).toBe('The source database has no room left for the log table: shop')
  expect(error.retry).toBe(true)
  expect(new SyncError('SOURCE_AUTH', 'shop').retry).toBe(false)
})
