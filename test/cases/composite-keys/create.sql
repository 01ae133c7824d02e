create table order_lines (
  order_id int, sku varchar(20), sold_at timestamp(6), amount decimal(12, 3), note varchar(50),
  primary key (order_id, sku, sold_at)
);
set time_zone = '+05:30';
insert into order_lines values
  (1, 'a|b', '2024-03-09 10:11:12.500000', 1.250, 'first'),
  (1, 'a', '2024-03-09 10:11:12.500001', 2.500, null),
  (-7, 'c~d', '2038-01-19 03:14:07.999999', -0.001, '');
create table pairs (a varchar(10), b varchar(10), v int, primary key (a, b));
insert into pairs values ('a|b', 'c', 1), ('a', 'b|c', 2), ('a~1b', 'c', 3), ('', '', 4), ('', 'x', 5), ('x', '', 6);
