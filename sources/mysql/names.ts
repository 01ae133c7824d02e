/** A name as an identifier: `` a`b `` -> `` `a``b` ``. */
export const quote = (name: string): string => `\`${name.replaceAll('`', '``')}\``

/** A text as a literal. The session's sql_mode leaves the backslash its meaning. */
export const literal = (text: string): string =>
  `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`

/** Bytes as a literal, whatever they hold. */
export const hexLiteral = (bytes: Uint8Array): string =>
  `X'${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')}'`

/** Splits `database.table` at its first dot. */
export function splitName(table: string): { readonly database: string; readonly name: string } {
  const dot = table.indexOf('.')
  return { database: table.slice(0, Math.max(dot, 0)), name: table.slice(dot + 1) }
}

/** `shop.goods` -> `` `shop`.`goods` ``. */
export function qualified(table: string): string {
  const { database, name } = splitName(table)
  return `${quote(database)}.${quote(name)}`
}

export const chunked = <Item>(items: readonly Item[], size: number): Item[][] => {
  const chunks: Item[][] = []
  for (let i = 0; i < items.length; i += size) chunks.push(items.slice(i, i + size))
  return chunks
}
