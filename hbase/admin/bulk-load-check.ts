import { HBaseError } from '../errors.ts'
import { familyName } from '../schema.ts'

/** A file with rows (HFile), as HFileOutputFormat2 and flushes write them. */
export interface BulkLoadFile {
  readonly family: string
  /** For the region servers to read: "/..." or "hdfs://...", with a folder named like the family last. */
  readonly path: string
}

/**
 * Throws FAMILY_INVALID, or BULK_LOAD_INVALID for what HBase would take to somebody's loss. It puts a
 * file of another family where its cells do not belong, unseen; so the folder has to tell, as it does
 * for BulkLoadHFilesTool. And of two files of one name the second may be copied over the first on
 * the way, since both gather in the folder of the load (SecureBulkLoadListener.prepareBulkLoad).
 */
export function checkFiles(files: readonly BulkLoadFile[], table: string): void {
  const refuse = (detail: string) => new HBaseError('BULK_LOAD_INVALID', { table, detail })
  if (files.length === 0) throw refuse('no files')
  const names = new Set<string>()
  for (const { family, path } of files) {
    familyName(family, table)
    const [, folder, name] =
      /^(?:\/|[a-z][a-z0-9+.-]*:\/)(?:.*\/)?([^/]+)\/([^/]+)$/i.exec(path) ?? []
    if (folder === undefined || name === undefined) throw refuse('a path is not absolute')
    if (/(?:^|\/)\.{1,2}(?:\/|$)/.test(path)) throw refuse('a path goes by . or ..')
    if (folder !== family)
      throw refuse(`a file for the family ${family} is in a folder of another name`)
    const place = `${family}/${name}`
    if (names.has(place)) throw refuse(`two files of the family ${family} have the same name`)
    names.add(place)
  }
}

/** Ends in "staging/user__table__random" (SecureBulkLoadManager.createStagingDir). */
const TOKEN = /\/staging\/[^/]+__[^/]+__[0-9a-v]{1,64}$/

/** Throws BULK_LOAD_INVALID: HBase deletes whatever folder it is told (SecureBulkLoadManager.cleanupBulkLoad). */
export function checkToken(token: string, table: string): void {
  if (TOKEN.test(token) && !token.split('/').includes('..')) return
  const detail = 'a token that prepareBulkLoad has not given'
  throw new HBaseError('BULK_LOAD_INVALID', { table, detail })
}
