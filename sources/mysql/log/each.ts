import type { LogQuery } from './mode.ts'

/**
 * A statement for every row of a query, which finds the row's key in `kc`. Not INSERT ... SELECT: as MariaDB is
 * shipped (innodb_autoinc_lock_mode 1), that keeps the log's AUTO_INCREMENT locked until the application's statement
 * ends. Whoever meets it there in a deadlock is told 1467, which nobody tries again, its transaction is taken back
 * unsaid, and what it writes next is committed alone.
 */
export const forEachKey = (key: string, { before, from }: LogQuery, statement: string): string => `\
BEGIN
  DECLARE kc VARBINARY(3000);
  DECLARE none_left BOOLEAN DEFAULT FALSE;
  DECLARE reached CURSOR FOR
${before}SELECT ${key}
${from};
  DECLARE CONTINUE HANDLER FOR NOT FOUND SET none_left = TRUE;
  OPEN reached;
  FETCH reached INTO kc;
  WHILE NOT none_left DO
    ${statement}
    FETCH reached INTO kc;
  END WHILE;
  CLOSE reached;
END;`
