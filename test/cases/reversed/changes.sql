update reversed set id = 1000 where id = 100;
update reversed set v = null where id < 0;
delete from reversed where id = 10;
insert into reversed values (-10, 'minus ten'), (10, 'again');
update reversed_unsigned set id = id - 1 where id = 18446744073709551615;
