import type { Column } from '../../model/table.ts'
import type { JavaReader, Library, Witness } from '../../services/index.ts'
import { codecs } from '../../transform/codecs/index.ts'
import { judge } from '../e2e/judge.ts'
import type { Forms } from '../e2e/judge.ts'
import { alike } from '../transform/alike.ts'
import type { Ground } from './ground.ts'
import type { Plan } from './plan.ts'
import type { Servers } from './servers.ts'

export interface Verdict {
  readonly rows: number
  readonly cells: number
  readonly lost: number
  readonly extra: number
  /** Some of what was found, for people. */
  readonly examples: readonly string[]
}

/** Every table of the run, as HBase's own client and Java's own libraries read it, against the source. */
export async function judgeAll(servers: Servers, ground: Ground, plan: Plan): Promise<Verdict> {
  const witness: Witness = await servers.witness()
  const database = await servers.connect(ground.name)
  const source = await ground.source()
  const all = { rows: 0, cells: 0, lost: 0, extra: 0, examples: [] as string[] }
  try {
    for (const mapping of ground.project.tables) {
      const { codec } = plan
      const { columns } = await source.describe(mapping.anchor)
      const forms = codec === 'utf8' ? undefined : formsOf(codec, columns, await servers.reader())
      const { rows, cells, differences, lost, extra } = await judge(
        witness,
        database,
        mapping,
        forms,
      )
      all.rows += rows
      all.cells += cells
      all.lost += lost
      all.extra += extra
      all.examples.push(...differences.map((text) => `${mapping.name}: ${text}`))
    }
  } finally {
    database.destroy()
    await source.close()
  }
  return all
}

/** As test/e2e/codecs.test.ts has it: a text is compared as it is, all else as Java reads it. */
function formsOf(library: Library, columns: readonly Column[], java: JavaReader): Forms {
  const layouts = new Map(
    columns.map((column) => [column.name, codecs[library].layout(column)?.name ?? '']),
  )
  const layout = (column: string): string => layouts.get(column) ?? ''
  const isPlain = (column: string): boolean => /^(text|byte\[\]|VARBINARY)$/.test(layout(column))
  return {
    async found(column, value) {
      if (isPlain(column)) return value.toString('hex')
      // Phoenix reads an empty text as its NULL
      const read = (await java.decode(library, layout(column), value)) ?? Buffer.alloc(0)
      return String(alike(layout(column), read.toString()))
    },
    wanted: (column, text) =>
      isPlain(column) ? text.toString('hex') : String(alike(layout(column), text.toString())),
  }
}
