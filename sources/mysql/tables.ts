import type { LogMode } from './log/mode.ts'
import { quote } from './names.ts'

/** Words of the column mask a new log table has: enough for 186 columns. Wider tables add more. */
const FIRST_WORDS = 3

/** InnoDB takes 1,017 columns, so no table needs more. */
export const MOST_WORDS = 17

/** Everything longhaul keeps in the source, in the order of creation. */
export const SHARED_OBJECTS = [
  'longhaul_unit',
  'longhaul_source',
  'longhaul_lease',
  'longhaul_log',
  'longhaul_dead',
  'syncslog',
] as const

/** What is there while the cost of the triggers is measured: rows, and two copies of them. */
export const TRIAL_TABLES = ['longhaul_sample', 'longhaul_plain', 'longhaul_logged'] as const

type SharedObject = (typeof SHARED_OBJECTS)[number]

/** The statement that creates one of them. */
export const createShared = (object: SharedObject, schema: string, mode: LogMode): string =>
  STATEMENTS[object](quote(schema), mode)

export const createSchema = (schema: string): string =>
  `CREATE DATABASE IF NOT EXISTS ${quote(schema)} CHARACTER SET utf8mb4`

export const dropShared = (object: SharedObject, schema: string): string =>
  `DROP ${object === 'syncslog' ? 'VIEW' : 'TABLE'} IF EXISTS ${quote(schema)}.${object}`

const words = Array.from(
  { length: FIRST_WORDS },
  (_, word) => `  ucn${word} BIGINT UNSIGNED NOT NULL DEFAULT 0,\n`,
).join('')

const STATEMENTS: Record<SharedObject, (schema: string, mode: LogMode) => string> = {
  longhaul_unit: (schema) => `\
CREATE TABLE IF NOT EXISTS ${schema}.longhaul_unit (
  unit_id INT NOT NULL AUTO_INCREMENT,
  project VARBINARY(255) NOT NULL,
  PRIMARY KEY (unit_id),
  UNIQUE KEY (project)
) ENGINE=InnoDB`,

  longhaul_source: (schema) => `\
CREATE TABLE IF NOT EXISTS ${schema}.longhaul_source (
  source_id SMALLINT UNSIGNED NOT NULL AUTO_INCREMENT,
  unit_id INT NOT NULL,
  table_name VARBINARY(520) NOT NULL,
  key_spec LONGTEXT CHARACTER SET utf8mb4 NOT NULL,
  column_bits LONGTEXT CHARACTER SET utf8mb4 NOT NULL,
  words TINYINT UNSIGNED NOT NULL,
  ddl_version INT NOT NULL DEFAULT 1,
  trigger_hashes LONGTEXT CHARACTER SET utf8mb4 NOT NULL,
  installed TINYINT NOT NULL DEFAULT 0,
  identity LONGTEXT CHARACTER SET utf8mb4 NULL,
  PRIMARY KEY (source_id),
  KEY (unit_id, table_name)
) ENGINE=InnoDB`,

  longhaul_lease: (schema) => `\
CREATE TABLE IF NOT EXISTS ${schema}.longhaul_lease (
  unit_id INT NOT NULL,
  token BIGINT NOT NULL,
  owner VARCHAR(128) CHARACTER SET utf8mb4 NOT NULL,
  taken_at DATETIME(3) NOT NULL,
  PRIMARY KEY (unit_id)
) ENGINE=InnoDB`,

  longhaul_log: (schema, mode) => `\
CREATE TABLE IF NOT EXISTS ${schema}.longhaul_log (
${mode.definition(words)}
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC`,

  longhaul_dead: (schema) => `\
CREATE TABLE IF NOT EXISTS ${schema}.longhaul_dead (
  source_id SMALLINT UNSIGNED NOT NULL,
  key_field VARBINARY(3000) NOT NULL,
  reason VARCHAR(1000) CHARACTER SET utf8mb4 NOT NULL,
  ver BIGINT UNSIGNED NULL,
  time_field DATETIME(6) NOT NULL,
  PRIMARY KEY (source_id, key_field)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC`,

  syncslog: (schema) => `\
CREATE OR REPLACE VIEW ${schema}.syncslog AS
SELECT CONVERT(l.key_field USING utf8mb4) AS key_field, CONVERT(s.table_name USING utf8mb4) AS source_field,
  l.type_field, l.time_field, l.ucn0 AS ucn_field, l.ver
FROM ${schema}.longhaul_log l JOIN ${schema}.longhaul_source s ON s.source_id = l.source_id`,
}
