update blanks set t = '', b = '', n = 0, d = '2025-01-01', x = '' where id = 1;
update blanks set t = null, b = null, n = null, d = null, x = null where id = 2;
update blanks set t = '' where id = 3;
update blanks set x = null where id = 4;
update blanks set t = null where id = 5;
insert into blanks (id) values (6);
insert into blanks values (7, 'soon null', x'aa', 1, null, 'x');
update blanks set t = null, b = null, x = null where id = 7;
