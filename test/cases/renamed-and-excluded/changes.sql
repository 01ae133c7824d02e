update people set secret = 'only the excluded' where id = 1;
update people set `first name` = null where id = 1;
update people set `first name` = 'Zoë', secret = null where id = 2;
insert into people values (4, 'Dan', 'y', '2000-02-29', 4);
delete from people where id = 3;
