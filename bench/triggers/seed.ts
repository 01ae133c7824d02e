/**
 * The triggers of the paper that longhaul's capture descends from, word for word where it says how: one shared log
 * without a unique key, looked up before each write (synceslog: key_field, source_field, type_field, time_field,
 * ucn_field). Given a plain index on what is looked up, without which no large table could bear it.
 */
export function seedStatements(table: string, columns: readonly string[]): readonly string[] {
  const own = `source_field = '${table}'`
  // As text: compared as a number the key of the log would not be found by its index
  const key = (name: string, row: string): string =>
    `DECLARE ${name} VARCHAR(32) DEFAULT CAST(${row}.id AS CHAR);`
  const put = (key: string, type: string, mask = '0'): string =>
    `INSERT INTO synceslog VALUES (${key}, '${table}', '${type}', NOW(), ${mask});`
  const changed = columns
    .map(
      (name, i) =>
        `    IF NOT (OLD.${name} <=> NEW.${name}) THEN SET u = u | ${2 ** (i + 1)}; END IF;`,
    )
    .join('\n')
  return [
    `CREATE TABLE synceslog (key_field VARCHAR(32) NOT NULL, source_field VARCHAR(32) NOT NULL,
      type_field CHAR(1) NOT NULL, time_field DATETIME NOT NULL, ucn_field BIGINT NOT NULL DEFAULT 0,
      KEY (key_field, source_field))`,
    `CREATE TRIGGER seed_ai AFTER INSERT ON ${table} FOR EACH ROW BEGIN
  ${key('n', 'NEW')}
  IF EXISTS (SELECT 1 FROM synceslog WHERE key_field = n AND ${own}) THEN
    UPDATE synceslog SET type_field = 'N', time_field = NOW(), ucn_field = 0 WHERE key_field = n AND ${own};
  ELSE ${put('n', 'N')}
  END IF;
END`,
    `CREATE TRIGGER seed_au AFTER UPDATE ON ${table} FOR EACH ROW BEGIN
  DECLARE u BIGINT DEFAULT 0;
  ${key('o', 'OLD')}
  ${key('n', 'NEW')}
  IF OLD.id <> NEW.id THEN
    DELETE FROM synceslog WHERE key_field = o AND ${own};
    ${put('o', 'D')}
    ${put('n', 'N')}
  ELSE
${changed}
    IF EXISTS (SELECT 1 FROM synceslog WHERE key_field = n AND ${own} AND type_field = 'U') THEN
      UPDATE synceslog SET ucn_field = ucn_field | u, time_field = NOW()
      WHERE key_field = n AND ${own} AND type_field = 'U';
    ELSE ${put('n', 'U', 'u')}
    END IF;
  END IF;
END`,
    `CREATE TRIGGER seed_ad AFTER DELETE ON ${table} FOR EACH ROW BEGIN
  ${key('o', 'OLD')}
  DELETE FROM synceslog WHERE key_field = o AND ${own};
  ${put('o', 'D')}
END`,
  ]
}
