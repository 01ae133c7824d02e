create table reversed (id bigint primary key, v varchar(20));
insert into reversed values (0, 'zero'), (-1, 'minus'), (10, 'ten'), (1, 'one'), (100, 'hundred'),
  (9223372036854775807, 'max'), (-9223372036854775808, 'min');
create table reversed_unsigned (id bigint unsigned primary key, v varchar(20));
insert into reversed_unsigned values (18446744073709551615, 'max'), (0, 'zero'), (120, 'x'), (21, 'y');
