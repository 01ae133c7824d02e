import { saveFile, saveResults } from '../figures.ts'
import type { Outcome } from './kind.ts'

/** `where` tells of servers and machine. */
export const pageOf = (outcome: Outcome, where: string): string => {
  const { name, title, about, table } = outcome
  return `# ${title}\n\n\`npm run bench\`: ${about}. ${where}\n\n![The same as a chart](${name}.svg)\n\n${table}\n`
}

/** Writes page, chart and numbers into bench/results. */
export async function save(outcome: Outcome, where: string): Promise<void> {
  const { name, about, chart, data } = outcome
  await saveResults(name, pageOf(outcome, where), { about, where, ...data })
  await saveFile(`${name}.svg`, chart)
}
