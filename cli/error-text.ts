import { SyncError } from '../model/errors.ts'

/** An error as it is printed: one sentence and its code; the stack is for those who ask for it. */
export function errorText(error: unknown, how: { json: boolean; debug: boolean }): string {
  const code = error instanceof SyncError ? error.code : 'UNEXPECTED'
  const message = sentenceOf(error)
  if (how.json) return JSON.stringify({ error: { code, message } })
  if (!how.debug) return `${message} [${code}]`
  return `${message} [${code}]\n${error instanceof Error ? stackOf(error) : ''}`
}

const sentenceOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  // of a misused command only the detail says anything
  return error instanceof SyncError && error.code === 'USAGE' ? error.detail : error.message
}

const stackOf = (error: Error): string =>
  error.cause instanceof Error
    ? `${error.stack ?? ''}\nbecause ${stackOf(error.cause)}`
    : (error.stack ?? '')
