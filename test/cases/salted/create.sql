create table salted (id bigint primary key, v varchar(40));
insert into salted with recursive n as (select 1 i union all select i + 1 from n where i < 500) select i, concat('v', i) from n;
create table salted_text (code varchar(40) primary key, v int);
insert into salted_text values ('', 1), ('a|b', 2), ('~', 3), ('中文😀', 4);
