update hashed set b = concat(b, '~') where a % 5 = 0;
delete from hashed where a % 7 = 0;
update hashed set v = null where a % 3 = 0;
