import { HBaseError } from './errors.ts'

/**
 * Throws SCHEMA_REFUSED for what HBase itself lets pass, in one version or another or with its checks
 * off, though no region of the table can be opened then: the procedure tries for ever, and the table
 * stays locked. Attributes and configurations of tables and families alike.
 */
export function checkSettings(
  settings: Readonly<Record<string, string>>,
  { table, what }: { readonly table: string; readonly what: string },
): void {
  for (const [key, value] of Object.entries(settings)) {
    const wanted = wantedOf(key, value)
    if (wanted === undefined) continue
    const detail = `${key}=${value} ${what}; possible: ${wanted}`
    throw new HBaseError('SCHEMA_REFUSED', { table, detail })
  }
}

/** What is possible instead; undefined when it is good, or not known here. */
function wantedOf(key: string, value: string): string | undefined {
  const values = CHOICES[key]
  // HBase reads durabilities as they stand, all others in either case.
  const said = key === DURABILITY ? value : value.toUpperCase()
  if (values !== undefined && !values.includes(said)) return values.join(', ')
  if (NUMBERS.has(key) && !/^[+-]?\d{1,19}$/.test(value)) return 'a whole number'
  return undefined
}

const DURABILITY = 'DURABILITY'

/** Compression.Algorithm, BloomType, DataBlockEncoding, KeepDeletedCells, Durability. */
const CODECS = ['NONE', 'GZ', 'SNAPPY', 'LZ4', 'ZSTD', 'LZO', 'BZIP2', 'LZMA', 'BROTLI']
const CHOICES: Readonly<Record<string, readonly string[]>> = {
  COMPRESSION: CODECS,
  COMPRESSION_COMPACT: CODECS,
  COMPRESSION_COMPACT_MAJOR: CODECS,
  COMPRESSION_COMPACT_MINOR: CODECS,
  BLOOMFILTER: ['NONE', 'ROW', 'ROWCOL', 'ROWPREFIX_FIXED_LENGTH'],
  DATA_BLOCK_ENCODING: ['NONE', 'PREFIX', 'DIFF', 'FAST_DIFF', 'ROW_INDEX_V1'],
  KEEP_DELETED_CELLS: ['FALSE', 'TRUE', 'TTL'],
  [DURABILITY]: ['USE_DEFAULT', 'SKIP_WAL', 'ASYNC_WAL', 'SYNC_WAL', 'FSYNC_WAL'],
  // Without them a coprocessor that cannot be loaded brings region servers down, one after the other.
  'hbase.table.sanity.checks': ['TRUE'],
}

const NUMBERS: ReadonlySet<string> = new Set([
  ...['BLOCKSIZE', 'DFS_REPLICATION', 'MIN_VERSIONS', 'MOB_THRESHOLD', 'REPLICATION_SCOPE'],
  ...['TTL', 'VERSIONS', 'MAX_FILESIZE', 'MEMSTORE_FLUSHSIZE', 'PRIORITY', 'REGION_REPLICATION'],
  'hbase.hregion.majorcompaction',
  'hbase.hregion.max.filesize',
  'hbase.hregion.memstore.block.multiplier',
  'hbase.hregion.memstore.flush.size',
  'hbase.hstore.blockingStoreFiles',
  'hbase.hstore.compaction.kv.max',
  'hbase.hstore.compaction.max',
  'hbase.hstore.compaction.max.size',
  'hbase.hstore.compaction.min',
  'hbase.hstore.compaction.min.size',
  'hbase.hstore.time.to.purge.deletes',
])
