import { SyncError } from '../model/errors.ts'

/** Way from the top of a file to a value: `['tables', 0, 'from']`. */
export type Path = readonly PropertyKey[]

/** Something that is wrong with a file, told in one sentence without any value that may be secret. */
export interface Problem {
  readonly line?: number | undefined
  readonly text: string
}

/** `['tables', 0, 'from']` -> `tables[0].from`. */
export const formatPath = (path: Path): string =>
  path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`
    return text === '' ? String(step) : `${text}.${String(step)}`
  }, '')

/** One error that names the file and everything wrong with it, in the order of its lines. */
export function invalid(file: string, problems: readonly Problem[]): SyncError {
  const sorted = [...problems].sort((a, b) => (a.line ?? 0) - (b.line ?? 0))
  const sentences = [...new Set(sorted.map((problem) => sentence(file, problem)))]
  const [first = file] = sentences
  return new SyncError(
    'CONFIG_INVALID',
    sentences.length === 1
      ? first
      : `${file} has ${sentences.length} problems\n${sentences.map((one) => `  ${one}`).join('\n')}`,
  )
}

const sentence = (file: string, { line, text }: Problem): string =>
  `${file}${line === undefined ? '' : `:${line}`}: ${text}`
