CREATE DEFINER=`longhaul_def`@`%` TRIGGER `shop`.`longhaul7_ai`
AFTER INSERT ON `shop`.`odd ``table``` FOR EACH ROW
BEGIN
  DECLARE kn VARBINARY(3000) DEFAULT CONCAT_WS('|', CAST(NEW.`a`+0 AS CHAR), REPLACE(REPLACE(CONVERT(NEW.`b` USING utf8mb4), '~', '~0'), '|', '~1'), CAST(IFNULL(UNIX_TIMESTAMP(NEW.`c`), 0) AS CHAR), HEX(NEW.`d`), CAST(NEW.`e`+0 AS CHAR), CAST(NEW.`f` AS CHAR));
  INSERT INTO `longhaul`.longhaul_log (source_id, key_hash, slot, type_field, key_field, time_field) VALUES
    (7, UNHEX(SHA2(kn, 256)), 0, 'N', kn, UTC_TIMESTAMP(6))
  ON DUPLICATE KEY UPDATE ver = VALUES(ver),
    re_field = longhaul_log.re_field | (longhaul_log.type_field = 'D'),
    type_field = VALUES(type_field), time_field = VALUES(time_field);
END;

CREATE DEFINER=`longhaul_def`@`%` TRIGGER `shop`.`longhaul7_ad`
AFTER DELETE ON `shop`.`odd ``table``` FOR EACH ROW
BEGIN
  DECLARE ko VARBINARY(3000) DEFAULT CONCAT_WS('|', CAST(OLD.`a`+0 AS CHAR), REPLACE(REPLACE(CONVERT(OLD.`b` USING utf8mb4), '~', '~0'), '|', '~1'), CAST(IFNULL(UNIX_TIMESTAMP(OLD.`c`), 0) AS CHAR), HEX(OLD.`d`), CAST(OLD.`e`+0 AS CHAR), CAST(OLD.`f` AS CHAR));
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
AFTER UPDATE ON `shop`.`odd ``table``` FOR EACH ROW
BEGIN
  DECLARE ko VARBINARY(3000) DEFAULT CONCAT_WS('|', CAST(OLD.`a`+0 AS CHAR), REPLACE(REPLACE(CONVERT(OLD.`b` USING utf8mb4), '~', '~0'), '|', '~1'), CAST(IFNULL(UNIX_TIMESTAMP(OLD.`c`), 0) AS CHAR), HEX(OLD.`d`), CAST(OLD.`e`+0 AS CHAR), CAST(OLD.`f` AS CHAR));
  DECLARE kn VARBINARY(3000) DEFAULT CONCAT_WS('|', CAST(NEW.`a`+0 AS CHAR), REPLACE(REPLACE(CONVERT(NEW.`b` USING utf8mb4), '~', '~0'), '|', '~1'), CAST(IFNULL(UNIX_TIMESTAMP(NEW.`c`), 0) AS CHAR), HEX(NEW.`d`), CAST(NEW.`e`+0 AS CHAR), CAST(NEW.`f` AS CHAR));
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
  END IF;
END;
