-- What longhaul's account may do, and nothing else. `Chinook` is the application's database, `longhaul`
-- the one that longhaul creates for its log table and drops again when the project ends.

-- Read the tables, capture their changes, and wait for open transactions before the switchover.
GRANT SELECT, TRIGGER, LOCK TABLES ON `Chinook`.* TO 'longhaul'@'%';

-- Its own database.
GRANT CREATE, DROP, ALTER, CREATE VIEW, SELECT, INSERT, UPDATE, DELETE ON `longhaul`.* TO 'longhaul'@'%';
