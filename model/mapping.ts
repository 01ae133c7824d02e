/** How the row key is made of the primary key; every choice keeps different keys different. */
export interface RowKeyShape {
  /** Number of buckets: a two- to four-digit hex prefix spreads rows over as many regions. */
  readonly salt?: number
  /** A four-digit hash prefix and `_` before the key. */
  readonly hash?: boolean
  /** The digits of a single integer key backwards, for ids that only grow. */
  readonly reverse?: boolean
}

/** How values become bytes; docs/type-mapping.md has the layouts. */
export const CODECS = ['utf8', 'bytes', 'phoenix'] as const
export type CodecName = (typeof CODECS)[number]

/** One family of the target: which table fills it and by which foreign keys it is reached from there to the anchor. */
export interface FamilyMapping {
  readonly family: string
  /** `database.table`. */
  readonly table: string
  /** Names of foreign keys leading to the anchor; empty for the anchor itself. */
  readonly path: readonly string[]
  /** Source column to qualifier, where they differ. */
  readonly rename: Readonly<Record<string, string>>
  readonly exclude: readonly string[]
  /** What its columns are written with; absent is `utf8`. */
  readonly codec?: CodecName
  /** Source column to codec, where it is another. */
  readonly codecs?: Readonly<Record<string, CodecName>>
}

/** How tables of one source become one HBase table. */
export interface Mapping {
  /** Names the table within its project, in workflow ids, status and certificate: `goods`. */
  readonly name: string
  readonly source: string
  readonly cluster: string
  /** HBase table, with its namespace where it has one: `ns:table`. */
  readonly target: string
  /** `database.table` whose key is the row key. */
  readonly anchor: string
  readonly families: readonly FamilyMapping[]
  readonly rowKey: RowKeyShape
  /** Findings the user accepts, by code: such as `CASCADE_UNSEEN`. */
  readonly accept: readonly string[]
}

/**
 * Where what is kept of a table in its cluster is found. Projects in other namespaces of Temporal may have the same name,
 * and name their tables alike; a target has one owner.
 */
export const keptUnder = (project: string, { target }: Pick<Mapping, 'target'>): string =>
  `${project}|${target}`
