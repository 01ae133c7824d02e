// Not about right or wrong: what a call costs, and whether a process ends.
import type { Case } from './case.ts'
import { countOurs, fill, make, numbered, scanOld, writeOld, writeOurs } from './rows.ts'

const puts = (title: string, tcpNoDelay: boolean): Case => ({
  title,
  expected: 'less than 10 ms each',
  right: /^\d\.\d/,
  prepare: (site) => make(site),
  old: (side) => {
    const client = side.fresh({ tcpNoDelay })
    return perPut(() => writeOld({ ...side, client }, 'a'))
  },
  ours: (side) => perPut(() => writeOurs(side, 'a')),
})

export const COST: readonly Case[] = [
  puts('100 puts, one after the other, all options left alone', false),
  puts('The same with `tcpNoDelay: true`', true),
  {
    title: 'A program has scanned a table and has nothing more to do',
    expected: 'ends',
    ends: true,
    prepare: async (site) => {
      await make(site)
      await fill(site, numbered(10))
    },
    old: async (side) => {
      await scanOld(side)
      return 'ends'
    },
    ours: async ({ client, table }) => {
      await countOurs(client, table)
      await client.close()
      return 'ends'
    },
  },
]

async function perPut(put: () => Promise<string>): Promise<string> {
  for (let i = 0; i < 5; i++) await put()
  const began = performance.now()
  for (let i = 0; i < 100; i++) await put()
  return `${((performance.now() - began) / 100).toFixed(1)} ms each`
}
