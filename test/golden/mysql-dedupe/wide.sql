CREATE DEFINER=`longhaul_def`@`%` TRIGGER `shop`.`longhaul7_ai`
AFTER INSERT ON `shop`.`wide` FOR EACH ROW
BEGIN
  DECLARE kn VARBINARY(3000) DEFAULT CAST(NEW.`id` AS CHAR);
  INSERT INTO `longhaul`.longhaul_log (source_id, key_hash, slot, type_field, key_field, time_field) VALUES
    (7, UNHEX(SHA2(kn, 256)), 0, 'N', kn, UTC_TIMESTAMP(6))
  ON DUPLICATE KEY UPDATE ver = VALUES(ver),
    re_field = longhaul_log.re_field | (longhaul_log.type_field = 'D'),
    type_field = VALUES(type_field), time_field = VALUES(time_field);
END;

CREATE DEFINER=`longhaul_def`@`%` TRIGGER `shop`.`longhaul7_ad`
AFTER DELETE ON `shop`.`wide` FOR EACH ROW
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
AFTER UPDATE ON `shop`.`wide` FOR EACH ROW
BEGIN
  DECLARE ko VARBINARY(3000) DEFAULT CAST(OLD.`id` AS CHAR);
  DECLARE kn VARBINARY(3000) DEFAULT CAST(NEW.`id` AS CHAR);
  DECLARE u0, u1 BIGINT UNSIGNED DEFAULT 0;
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
      IF(OLD.`c0` <=> NEW.`c0`, 0, 2)
      | IF(OLD.`c1` <=> NEW.`c1`, 0, 4)
      | IF(OLD.`c2` <=> NEW.`c2`, 0, 8)
      | IF(OLD.`c3` <=> NEW.`c3`, 0, 16)
      | IF(OLD.`c4` <=> NEW.`c4`, 0, 32)
      | IF(OLD.`c5` <=> NEW.`c5`, 0, 64)
      | IF(OLD.`c6` <=> NEW.`c6`, 0, 128)
      | IF(OLD.`c7` <=> NEW.`c7`, 0, 256)
      | IF(OLD.`c8` <=> NEW.`c8`, 0, 512)
      | IF(OLD.`c9` <=> NEW.`c9`, 0, 1024)
      | IF(OLD.`c10` <=> NEW.`c10`, 0, 2048)
      | IF(OLD.`c11` <=> NEW.`c11`, 0, 4096)
      | IF(OLD.`c12` <=> NEW.`c12`, 0, 8192)
      | IF(OLD.`c13` <=> NEW.`c13`, 0, 16384)
      | IF(OLD.`c14` <=> NEW.`c14`, 0, 32768)
      | IF(OLD.`c15` <=> NEW.`c15`, 0, 65536)
      | IF(OLD.`c16` <=> NEW.`c16`, 0, 131072)
      | IF(OLD.`c17` <=> NEW.`c17`, 0, 262144)
      | IF(OLD.`c18` <=> NEW.`c18`, 0, 524288)
      | IF(OLD.`c19` <=> NEW.`c19`, 0, 1048576)
      | IF(OLD.`c20` <=> NEW.`c20`, 0, 2097152)
      | IF(OLD.`c21` <=> NEW.`c21`, 0, 4194304)
      | IF(OLD.`c22` <=> NEW.`c22`, 0, 8388608)
      | IF(OLD.`c23` <=> NEW.`c23`, 0, 16777216)
      | IF(OLD.`c24` <=> NEW.`c24`, 0, 33554432)
      | IF(OLD.`c25` <=> NEW.`c25`, 0, 67108864)
      | IF(OLD.`c26` <=> NEW.`c26`, 0, 134217728)
      | IF(OLD.`c27` <=> NEW.`c27`, 0, 268435456)
      | IF(OLD.`c28` <=> NEW.`c28`, 0, 536870912)
      | IF(OLD.`c29` <=> NEW.`c29`, 0, 1073741824)
      | IF(OLD.`c30` <=> NEW.`c30`, 0, 2147483648)
      | IF(OLD.`c31` <=> NEW.`c31`, 0, 4294967296)
      | IF(OLD.`c32` <=> NEW.`c32`, 0, 8589934592)
      | IF(OLD.`c33` <=> NEW.`c33`, 0, 17179869184)
      | IF(OLD.`c34` <=> NEW.`c34`, 0, 34359738368)
      | IF(OLD.`c35` <=> NEW.`c35`, 0, 68719476736)
      | IF(OLD.`c36` <=> NEW.`c36`, 0, 137438953472)
      | IF(OLD.`c37` <=> NEW.`c37`, 0, 274877906944)
      | IF(OLD.`c38` <=> NEW.`c38`, 0, 549755813888)
      | IF(OLD.`c39` <=> NEW.`c39`, 0, 1099511627776)
      | IF(OLD.`c40` <=> NEW.`c40`, 0, 2199023255552)
      | IF(OLD.`c41` <=> NEW.`c41`, 0, 4398046511104)
      | IF(OLD.`c42` <=> NEW.`c42`, 0, 8796093022208)
      | IF(OLD.`c43` <=> NEW.`c43`, 0, 17592186044416)
      | IF(OLD.`c44` <=> NEW.`c44`, 0, 35184372088832)
      | IF(OLD.`c45` <=> NEW.`c45`, 0, 70368744177664)
      | IF(OLD.`c46` <=> NEW.`c46`, 0, 140737488355328)
      | IF(OLD.`c47` <=> NEW.`c47`, 0, 281474976710656)
      | IF(OLD.`c48` <=> NEW.`c48`, 0, 562949953421312)
      | IF(OLD.`c49` <=> NEW.`c49`, 0, 1125899906842624)
      | IF(OLD.`c50` <=> NEW.`c50`, 0, 2251799813685248)
      | IF(OLD.`c51` <=> NEW.`c51`, 0, 4503599627370496)
      | IF(OLD.`c52` <=> NEW.`c52`, 0, 9007199254740992)
      | IF(OLD.`c53` <=> NEW.`c53`, 0, 18014398509481984)
      | IF(OLD.`c54` <=> NEW.`c54`, 0, 36028797018963968)
      | IF(OLD.`c55` <=> NEW.`c55`, 0, 72057594037927936)
      | IF(OLD.`c56` <=> NEW.`c56`, 0, 144115188075855872)
      | IF(OLD.`c57` <=> NEW.`c57`, 0, 288230376151711744)
      | IF(OLD.`c58` <=> NEW.`c58`, 0, 576460752303423488)
      | IF(OLD.`c59` <=> NEW.`c59`, 0, 1152921504606846976)
      | IF(OLD.`c60` <=> NEW.`c60`, 0, 2305843009213693952);
    SET u1 =
      IF(OLD.`c61` <=> NEW.`c61`, 0, 1)
      | IF(OLD.`c62` <=> NEW.`c62`, 0, 2)
      | IF(OLD.`c63` <=> NEW.`c63`, 0, 4);
    IF u0 | u1 <> 0 THEN
      INSERT INTO `longhaul`.longhaul_log (source_id, key_hash, slot, type_field, key_field, time_field, ucn0, ucn1) VALUES
        (7, UNHEX(SHA2(kn, 256)), 1, 'U', kn, UTC_TIMESTAMP(6), u0, u1)
      ON DUPLICATE KEY UPDATE ver = VALUES(ver), time_field = VALUES(time_field),
        ucn0 = ucn0 | VALUES(ucn0), ucn1 = ucn1 | VALUES(ucn1);
    END IF;
  END IF;
END;
