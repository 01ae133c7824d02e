import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import prettier from 'prettier'
import type { Case } from './case.ts'

const PAGE = fileURLToPath(new URL('../../docs/why-our-own-hbase-client.md', import.meta.url))
const BEGIN = '<!-- written by npm run compat:hbase-rpc-client -->'
const END = '<!-- end -->'

export interface Played {
  readonly one: Case
  readonly old: string
  readonly ours: string
}

/** Whether an outcome is what a user may expect. */
export const isRight = ({ expected, right }: Case, outcome: string): boolean =>
  right === undefined ? outcome === expected : right.test(outcome)

/** One table; what is not as expected is bold. */
export function tableOf(played: readonly Played[]): string {
  const cell = (one: Case, outcome: string) => {
    const text = outcome.replaceAll('|', '\\|').replaceAll('<', '&lt;')
    return isRight(one, outcome) ? text : `**${text}**`
  }
  const rows = played.map(
    ({ one, old, ours }) =>
      `| ${one.title} | ${one.expected} | ${cell(one, old)} | ${cell(one, ours)} |`,
  )
  return [
    '| case | expected | `hbase-rpc-client` | longhaul’s |',
    '| --- | --- | --- | --- |',
    ...rows,
  ].join('\n')
}

/** Puts the text between the markers of the page, in place of what the last run wrote. */
export async function writePage(text: string): Promise<string> {
  const page = await readFile(PAGE, 'utf8')
  const from = page.indexOf(BEGIN)
  const to = page.indexOf(END)
  if (from < 0 || to < from) throw new Error(`${PAGE} lacks the lines "${BEGIN}" and "${END}".`)
  const next = `${page.slice(0, from)}${BEGIN}\n\n${text}\n\n${page.slice(to)}`
  await writeFile(PAGE, await prettier.format(next, await options()))
  return PAGE
}

const options = async () => ({ ...(await prettier.resolveConfig(PAGE)), parser: 'markdown' })
