update binary_keys set k = concat(k, x'aa') where v in (2, 5);
delete from binary_keys where k = x'ff00ff';
update fixed_keys set k = x'02' where d = '2024-02-29';
update decimal_keys set k = k * 2 where v in (2, 4);
update decimal_keys set v = null where v = 1;
update moments set b = '838:59:59', d = b'0' where c = 1901;
update zerofilled set k = k + 1 where v = 2;
