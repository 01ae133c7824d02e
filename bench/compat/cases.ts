import type { Case } from './case.ts'
import { CALM } from './calm.ts'
import { CLUSTER } from './cluster.ts'
import { COST } from './cost.ts'
import { DATA } from './data.ts'

/** All cases, under the headings of the page. */
export const CASES: readonly { readonly heading: string; readonly cases: readonly Case[] }[] = [
  { heading: 'First steps', cases: CALM },
  { heading: 'Ordinary tables on a calm cluster', cases: DATA },
  { heading: 'A cluster at work', cases: CLUSTER },
  { heading: 'Cost', cases: COST },
]

export type SideName = 'old' | 'ours'

/** What the process of one case is told. */
export interface Assignment {
  readonly title: string
  readonly side: SideName
  readonly table: string
  readonly address: string
  readonly zookeeper: string
  /** Where the package is installed. */
  readonly peer: string
}

/** What it says. */
export type Word =
  | { readonly kind: 'ask'; readonly event: string }
  | { readonly kind: 'outcome'; readonly text: string }

/** The answer to `ask`. */
export interface Told {
  readonly text: string
}

export function caseOf(title: string): Case {
  const found = CASES.flatMap(({ cases }) => cases).find((one) => one.title === title)
  if (found === undefined) throw new Error(`There is no case "${title}".`)
  return found
}
