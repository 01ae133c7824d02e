create table hashed (a int, b varchar(20), v varchar(40), primary key (a, b));
insert into hashed with recursive n as (select 1 i union all select i + 1 from n where i < 300) select i, concat('b|', i), i from n;
