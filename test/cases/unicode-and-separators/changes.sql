update signs set `größe|~:` = concat(`größe|~:`, '|~😀') where `空` % 2 = 0;
update signs set k = concat(k, '|') where `空` < 4;
delete from signs where k = '~e';
update signs set k = '~e' where k = '';
update signs set `空` = null where k = '~e';
