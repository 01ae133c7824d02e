import { existsSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createProgram } from '../../cli/program.ts'
import { ERRORS } from '../../model/errors.ts'
import { anchors, blocks, markdownFiles, prose, read, ROOT } from './markdown.ts'

const FILES = markdownFiles()

interface Link {
  readonly text: string
  readonly path: string
  readonly anchor: string
}

const linksOf = (file: string): Link[] =>
  [...prose(read(file)).matchAll(/\[([^\]]*)\]\(([^)\s#]*)(?:#([^)\s]*))?\)/g)]
    .map(([, text = '', path = '', anchor = '']) => ({ text, path, anchor }))
    .filter(({ path }) => !/^[a-z]+:/.test(path))

/** Code a reader may type: blocks, and what stands between backticks. */
const codeOf = (file: string): string =>
  [
    ...blocks(read(file)).map(({ code }) => code),
    ...[...prose(read(file)).matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code),
  ].join('\n')

describe.each(FILES)('%s', (file) => {
  test('links to what is there', () => {
    const broken = linksOf(file).filter(({ path, anchor }) => {
      const target = path === '' ? file : normalize(join(dirname(file), path))
      if (!existsSync(ROOT + target)) return true
      return anchor !== '' && !anchors(read(target)).includes(anchor)
    })
    expect(broken).toEqual([])
  })

  test('names npm scripts, tests and commands that exist', () => {
    const code = codeOf(file)
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
    for (const [, name = ''] of code.matchAll(/\bnpm run (?:-s )?([\w:-]+)/g))
      expect(Object.keys(scripts)).toContain(name)
    for (const [path] of code.matchAll(/\btest\/[\w./-]+/g))
      expect(existsSync(ROOT + path), path).toBe(true)
  })

  test('names commands and options of the command line that exist', () => {
    for (const { command, options } of spoken(codeOf(file))) {
      expect(Object.keys(COMMANDS)).toContain(command)
      for (const option of options) expect(COMMANDS[command]).toContain(option)
    }
  })

  test('names errors that exist', () => {
    for (const { text } of linksOf(file).filter(({ path }) => path.endsWith('errors.md')))
      if (/^[A-Z_]+$/.test(text)) expect(Object.keys(ERRORS)).toContain(text)
  })

  test('says nothing of the machine it was written on', () => {
    expect(read(file)).not.toMatch(/\/(work|root|home|tmp)\//)
  })
})

const { program } = createProgram({})

/** The options of every command, those of the whole program included. */
const COMMANDS: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  program.commands.map((command) => [
    command.name(),
    [...program.options, ...command.options].map(({ long }) => long ?? '').concat('--help'),
  ]),
)

/** Lines that begin with longhaul and a word: `$ npx longhaul start shop.yaml --wait`. */
const spoken = (code: string): { command: string; options: string[] }[] =>
  [...code.matchAll(/^(?:\s*\$)?\s*(?:npx )?longhaul ([a-z]+)(.*)$/gm)].map(
    ([, command = '', rest = '']) => ({
      command,
      options: command === 'services' ? [] : (rest.match(/--[a-z][a-z-]*/g) ?? []),
    }),
  )
