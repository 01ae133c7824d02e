import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

export const read = (path: string): string => readFileSync(ROOT + path, 'utf8')

/** Every Markdown file of the repository, those not added yet included. */
export const markdownFiles = (): string[] =>
  execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.md'], {
    cwd: ROOT,
    encoding: 'utf8',
  })
    .split('\n')
    .filter((path) => path !== '' && !path.startsWith('demo/data/'))

export interface Block {
  readonly language: string
  readonly code: string
}

/** The fenced blocks of a text. */
export const blocks = (text: string): Block[] =>
  [...text.matchAll(/^ *```(\w*)\n([\s\S]*?)^ *```$/gm)].map(([, language = '', code = '']) => ({
    language,
    code,
  }))

/** What is left of a text without its fenced blocks. */
export const prose = (text: string): string => text.replaceAll(/^ *```\w*\n[\s\S]*?^ *```$/gm, '')

/** The cells of the first table whose first heading is this. */
export function table(text: string, heading: string): string[][] {
  const lines = text.split('\n')
  const head = lines.findIndex((line) => cells(line)[0] === heading)
  if (head < 0) throw new Error(`There is no table that begins with ${heading}`)
  const end = lines.findIndex((line, i) => i > head && !line.startsWith('|'))
  return lines.slice(head + 2, end < 0 ? undefined : end).map(cells)
}

const cells = (line: string): string[] =>
  line.startsWith('|')
    ? line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim())
    : []

/** As GitHub makes an anchor of a heading. */
export const anchors = (text: string): string[] =>
  [...prose(text).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
