CREATE DEFINER=`longhaul_def`@`%` TRIGGER `shop`.`longhaul7_ai`
AFTER INSERT ON `shop`.`goods` FOR EACH ROW
BEGIN
  DECLARE kn VARBINARY(3000) DEFAULT CAST(NEW.`id` AS CHAR);
  INSERT INTO `longhaul`.longhaul_log (source_id, key_hash, slot, type_field, key_field, time_field) VALUES
    (7, UNHEX(SHA2(kn, 256)), 0, 'N', kn, UTC_TIMESTAMP(6))
  ON DUPLICATE KEY UPDATE ver = VALUES(ver),
    re_field = longhaul_log.re_field | (longhaul_log.type_field = 'D'),
    type_field = VALUES(type_field), time_field = VALUES(time_field);
END;

CREATE DEFINER=`longhaul_def`@`%` TRIGGER `shop`.`longhaul7_ad`
AFTER DELETE ON `shop`.`goods` FOR EACH ROW
BEGIN
  DECLARE ko VARBINARY(3000) DEFAULT CAST(OLD.`id` AS CHAR);
  INSERT INTO `longhaul`.longhaul_log (source_id, key_hash, slot, type_field, key_field, time_field) VALUES
    (7, UNHEX(SHA2(ko, 256)), 0, 'D', ko, UTC_TIMESTAMP(6))
  ON DUPLICATE KEY UPDATE ver = VALUES(ver),
    re_field = longhaul_log.re_field | (longhaul_log.type_field = 'D'),
    type_field = VALUES(type_field), time_field = VALUES(time_field);
  IF EXISTS (SELECT 1 FROM `longhaul`.longhaul_log WHERE source_id = 7 AND key_hash = UNHEX(SHA2(ko, 256)) AND slot = 1) THEN
    DELETE FROM `longhaul`.longhaul_log WHERE source_id = 7 AND key_hash = UNHEX(SHA2(ko, 256)) AND slot = 1;
  END IF;
END;

CREATE DEFINER=`longhaul_def`@`%` TRIGGER `shop`.`longhaul7_au`
AFTER UPDATE ON `shop`.`goods` FOR EACH ROW
BEGIN
  DECLARE ko VARBINARY(3000) DEFAULT CAST(OLD.`id` AS CHAR);
  DECLARE kn VARBINARY(3000) DEFAULT CAST(NEW.`id` AS CHAR);
  DECLARE u0 BIGINT UNSIGNED DEFAULT 0;
  IF ko <> kn THEN
    INSERT INTO `longhaul`.longhaul_log (source_id, key_hash, slot, type_field, key_field, time_field) VALUES
      (7, UNHEX(SHA2(ko, 256)), 0, 'D', ko, UTC_TIMESTAMP(6))
    ON DUPLICATE KEY UPDATE ver = VALUES(ver),
      re_field = longhaul_log.re_field | (longhaul_log.type_field = 'D'),
      type_field = VALUES(type_field), time_field = VALUES(time_field);
    IF EXISTS (SELECT 1 FROM `longhaul`.longhaul_log WHERE source_id = 7 AND key_hash = UNHEX(SHA2(ko, 256)) AND slot = 1) THEN
      DELETE FROM `longhaul`.longhaul_log WHERE source_id = 7 AND key_hash = UNHEX(SHA2(ko, 256)) AND slot = 1;
    END IF;
    INSERT INTO `longhaul`.longhaul_log (source_id, key_hash, slot, type_field, key_field, time_field) VALUES
      (7, UNHEX(SHA2(kn, 256)), 0, 'N', kn, UTC_TIMESTAMP(6))
    ON DUPLICATE KEY UPDATE ver = VALUES(ver),
      re_field = longhaul_log.re_field | (longhaul_log.type_field = 'D'),
      type_field = VALUES(type_field), time_field = VALUES(time_field);
  ELSE
    SET u0 =
      IF(CAST(OLD.`name` AS BINARY) <=> CAST(NEW.`name` AS BINARY), 0, 2)
      | IF(OLD.`price` <=> NEW.`price`, 0, 4)
      | IF(OLD.`state`+0 <=> NEW.`state`+0, 0, 8)
      | IF(CAST(CAST(OLD.`detail` AS CHAR) AS BINARY) <=> CAST(CAST(NEW.`detail` AS CHAR) AS BINARY), 0, 16)
      | IF(OLD.`seen_at` <=> NEW.`seen_at`, 0, 32);
    IF u0 <> 0 THEN
      INSERT INTO `longhaul`.longhaul_log (source_id, key_hash, slot, type_field, key_field, time_field, ucn0) VALUES
        (7, UNHEX(SHA2(kn, 256)), 1, 'U', kn, UTC_TIMESTAMP(6), u0)
      ON DUPLICATE KEY UPDATE ver = VALUES(ver), time_field = VALUES(time_field),
        ucn0 = ucn0 | VALUES(ucn0);
    END IF;
  END IF;
END;
