CREATE DEFINER=`longhaul_def`@`%` TRIGGER `shop`.`longhaul7_ai`
AFTER INSERT ON `shop`.`odd ``table``` FOR EACH ROW
INSERT INTO `longhaul`.longhaul_log (source_id, type_field, key_field, time_field) VALUES
  (7, 'N', CONCAT_WS('|', CAST(NEW.`a`+0 AS CHAR), REPLACE(REPLACE(CONVERT(NEW.`b` USING utf8mb4), '~', '~0'), '|', '~1'), CAST(IFNULL(UNIX_TIMESTAMP(NEW.`c`), 0) AS CHAR), HEX(NEW.`d`), CAST(NEW.`e`+0 AS CHAR), CAST(NEW.`f` AS CHAR)), UTC_TIMESTAMP(6));

CREATE DEFINER=`longhaul_def`@`%` TRIGGER `shop`.`longhaul7_ad`
AFTER DELETE ON `shop`.`odd ``table``` FOR EACH ROW
INSERT INTO `longhaul`.longhaul_log (source_id, type_field, key_field, time_field) VALUES
  (7, 'D', CONCAT_WS('|', CAST(OLD.`a`+0 AS CHAR), REPLACE(REPLACE(CONVERT(OLD.`b` USING utf8mb4), '~', '~0'), '|', '~1'), CAST(IFNULL(UNIX_TIMESTAMP(OLD.`c`), 0) AS CHAR), HEX(OLD.`d`), CAST(OLD.`e`+0 AS CHAR), CAST(OLD.`f` AS CHAR)), UTC_TIMESTAMP(6));

CREATE DEFINER=`longhaul_def`@`%` TRIGGER `shop`.`longhaul7_au`
AFTER UPDATE ON `shop`.`odd ``table``` FOR EACH ROW
BEGIN
  DECLARE ko VARBINARY(3000) DEFAULT CONCAT_WS('|', CAST(OLD.`a`+0 AS CHAR), REPLACE(REPLACE(CONVERT(OLD.`b` USING utf8mb4), '~', '~0'), '|', '~1'), CAST(IFNULL(UNIX_TIMESTAMP(OLD.`c`), 0) AS CHAR), HEX(OLD.`d`), CAST(OLD.`e`+0 AS CHAR), CAST(OLD.`f` AS CHAR));
  DECLARE kn VARBINARY(3000) DEFAULT CONCAT_WS('|', CAST(NEW.`a`+0 AS CHAR), REPLACE(REPLACE(CONVERT(NEW.`b` USING utf8mb4), '~', '~0'), '|', '~1'), CAST(IFNULL(UNIX_TIMESTAMP(NEW.`c`), 0) AS CHAR), HEX(NEW.`d`), CAST(NEW.`e`+0 AS CHAR), CAST(NEW.`f` AS CHAR));
  IF ko <> kn THEN
    INSERT INTO `longhaul`.longhaul_log (source_id, type_field, key_field, time_field) VALUES
      (7, 'D', ko, UTC_TIMESTAMP(6)),
      (7, 'N', kn, UTC_TIMESTAMP(6));
  END IF;
END;
