update totals set amount = 4 where id = 1;
update totals set price = 2 where id = 2;
update totals set price = null, amount = 0 where id = 3;
insert into totals (id, price, amount) values (4, -1, 7);
