create table many (id int primary key, v varchar(30), w int);
insert into many with recursive n as (select 1 i union all select i + 1 from n where i < 1000) select i, concat('v', i), null from n;
insert into many select id + 1000, v, id from many;
insert into many select id + 2000, v, id from many;
