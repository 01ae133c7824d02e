set time_zone = '-08:00';
update order_lines set amount = 9.999 where order_id = 1 and sku = 'a';
update order_lines set sold_at = '2001-09-09 01:46:40.000000' where order_id = -7;
insert into order_lines values (2, '~|', '1999-12-31 23:59:59.000001', 0, 'another zone');
update pairs set v = v + 10 where a = '';
update pairs set a = 'a', b = 'b|c|d' where v = 2;
delete from pairs where a = 'a|b';
