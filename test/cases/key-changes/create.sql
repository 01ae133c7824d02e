create table shifts (id int primary key, v varchar(20), note varchar(20));
insert into shifts values (1, 'one', null), (2, 'two', 'n'), (3, 'three', null), (4, 'four', 'n'), (5, 'five', '');
create table swaps (id bigint primary key, v varchar(20), extra int);
insert into swaps values (1, 'a', null), (2, 'b', 2), (3, 'c', null), (9, 'chain', 9);
create table cases (code varchar(20) character set utf8mb4 collate utf8mb4_general_ci primary key, v int);
insert into cases values ('abc', 1), ('Def', 2), ('ghi', 3), ('e', 4), ('trail', 5);
