CREATE TABLE IF NOT EXISTS `longhaul`.longhaul_unit (
  unit_id INT NOT NULL AUTO_INCREMENT,
  project VARBINARY(255) NOT NULL,
  PRIMARY KEY (unit_id),
  UNIQUE KEY (project)
) ENGINE=InnoDB;

CREATE TABLE IF NOT EXISTS `longhaul`.longhaul_source (
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
) ENGINE=InnoDB;

CREATE TABLE IF NOT EXISTS `longhaul`.longhaul_lease (
  unit_id INT NOT NULL,
  token BIGINT NOT NULL,
  owner VARCHAR(128) CHARACTER SET utf8mb4 NOT NULL,
  taken_at DATETIME(3) NOT NULL,
  PRIMARY KEY (unit_id)
) ENGINE=InnoDB;

CREATE TABLE IF NOT EXISTS `longhaul`.longhaul_log (
  source_id SMALLINT UNSIGNED NOT NULL,
  key_hash BINARY(32) NOT NULL,
  slot TINYINT UNSIGNED NOT NULL,
  ver BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  type_field CHAR(1) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  key_field VARBINARY(3000) NOT NULL,
  time_field DATETIME(6) NOT NULL,
  ucn0 BIGINT UNSIGNED NOT NULL DEFAULT 0,
  ucn1 BIGINT UNSIGNED NOT NULL DEFAULT 0,
  ucn2 BIGINT UNSIGNED NOT NULL DEFAULT 0,
  re_field TINYINT UNSIGNED NOT NULL DEFAULT 0,
  PRIMARY KEY (source_id, key_hash, slot),
  KEY k_ver (ver)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC;

CREATE TABLE IF NOT EXISTS `longhaul`.longhaul_dead (
  source_id SMALLINT UNSIGNED NOT NULL,
  key_field VARBINARY(3000) NOT NULL,
  reason VARCHAR(1000) CHARACTER SET utf8mb4 NOT NULL,
  ver BIGINT UNSIGNED NULL,
  time_field DATETIME(6) NOT NULL,
  PRIMARY KEY (source_id, key_field)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC;

CREATE OR REPLACE VIEW `longhaul`.syncslog AS
SELECT CONVERT(l.key_field USING utf8mb4) AS key_field, CONVERT(s.table_name USING utf8mb4) AS source_field,
  l.type_field, l.time_field, l.ucn0 AS ucn_field, l.ver
FROM `longhaul`.longhaul_log l JOIN `longhaul`.longhaul_source s ON s.source_id = l.source_id;
