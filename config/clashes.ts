import type { Mapping } from '../model/mapping.ts'
import { formatPath, type Path } from './problems.ts'
import { family, hbaseTable, tableName } from './shapes.ts'

/** A table and where it stands in the list. */
export interface Placed {
  readonly at: number
  readonly mapping: Mapping
}

type Said = Readonly<{ path: Path; text: string }>

const MOST_CLUSTERS = 4

/** What is wrong with tables that are right each for itself. */
export const clashes = (tables: readonly Placed[]): Said[] => [
  ...tables.flatMap(unplaced),
  ...tables.flatMap(badDefaults),
  ...tables.flatMap(badColumns),
  ...tooManyClusters(tables),
  ...twice(tables, {
    id: ({ source, anchor }) => `${source} ${anchor}`,
    path: 'from',
    say: ({ anchor }, first) => `lists ${anchor} again, which tables[${first}] has already`,
  }),
  ...twice(tables, {
    id: ({ cluster, target }) => `${cluster} ${target}`,
    path: 'to',
    say: ({ target }, first) =>
      `goes to ${target}, to which tables[${first}] goes already; give one of them another to`,
  }),
  ...twice(tables, {
    id: ({ name }) => name,
    path: 'name',
    say: ({ name }, first) =>
      `is named ${name} as tables[${first}] is; give one of them a name of its own`,
  }),
]

const says = (at: number, key: string, text: string): Said => ({
  path: ['tables', at, key],
  text: `${formatPath(['tables', at])} ${text}`,
})

const unplaced = ({ at, mapping }: Placed): Said[] => [
  ...(mapping.source === ''
    ? [
        says(
          at,
          'source',
          `(${mapping.anchor}) has no source; name one for it, or one for the project`,
        ),
      ]
    : []),
  ...(mapping.cluster === ''
    ? [
        says(
          at,
          'cluster',
          `(${mapping.anchor}) has no cluster; name one for it, or one for the project`,
        ),
      ]
    : []),
]

/** A source allows names that HBase and workflow ids do not: then the file has to give others. */
function badDefaults({ at, mapping }: Placed): Said[] {
  const { name, target, families, anchor } = mapping
  const refusals: Said[] = []
  if (!tableName.safeParse(name).success)
    refusals.push(
      says(at, 'name', `(${anchor}) needs a name of its own: letters, digits, _ $ - and .`),
    )
  if (!hbaseTable.safeParse(target).success)
    refusals.push(says(at, 'to', `(${anchor}) needs a to: HBase takes no table of its name`))
  if (/^(hbase|longhaul):/.test(target))
    refusals.push(
      says(at, 'to', `goes to ${target}, but that namespace is reserved; choose another`),
    )
  if (families.some((one) => !family.safeParse(one.family).success))
    refusals.push(says(at, 'family', `(${anchor}) needs a family: HBase takes none of its name`))
  return refusals
}

function badColumns({ at, mapping }: Placed): Said[] {
  return mapping.families.flatMap(({ rename, exclude, codecs = {} }) => {
    const pointless = Object.keys(codecs)
      .filter((column) => exclude.includes(column))
      .map((column) =>
        says(at, 'codecs', `both excludes ${column} and gives it a codec; do one of them`),
      )
    const taken = new Map<string, string>()
    const renamed = Object.entries(rename).flatMap(([column, qualifier]) => {
      const other = taken.get(qualifier)
      taken.set(qualifier, column)
      return [
        ...(other === undefined
          ? []
          : [
              says(
                at,
                'rename',
                `renames both ${other} and ${column} to ${qualifier}; each needs its own`,
              ),
            ]),
        ...(exclude.includes(column)
          ? [says(at, 'rename', `both renames and excludes ${column}; do one of them`)]
          : []),
      ]
    })
    return [...renamed, ...pointless]
  })
}

function tooManyClusters(tables: readonly Placed[]): Said[] {
  const used = new Set<string>()
  return tables.flatMap(({ at, mapping: { cluster } }) => {
    if (cluster === '' || used.has(cluster)) return []
    used.add(cluster)
    if (used.size <= MOST_CLUSTERS) return []
    const others = [...used].slice(0, MOST_CLUSTERS).join(', ')
    return [
      says(
        at,
        'cluster',
        `goes to ${cluster}, but a project may use ${MOST_CLUSTERS} clusters at most, and ${others} are used already`,
      ),
    ]
  })
}

function twice(
  tables: readonly Placed[],
  by: {
    readonly id: (mapping: Mapping) => string
    readonly path: string
    readonly say: (mapping: Mapping, first: number) => string
  },
): Said[] {
  const seen = new Map<string, number>()
  return tables.flatMap(({ at, mapping }) => {
    const id = by.id(mapping)
    const first = seen.get(id)
    if (first === undefined) seen.set(id, at)
    return first === undefined ? [] : [says(at, by.path, by.say(mapping, first))]
  })
}
