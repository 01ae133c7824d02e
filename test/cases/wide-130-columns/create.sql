set session group_concat_max_len = 100000;
set @columns = (with recursive n as (select 0 i union all select i + 1 from n where i < 129)
  select group_concat('c', i, ' int' order by i separator ', ') from n);
set @sql = concat('create table wide (id int primary key, ', @columns, ')');
prepare s from @sql;
execute s;
insert into wide (id, c0, c61, c62, c129) values (1, 1, 1, 1, 1), (2, 2, 2, 2, 2), (3, 3, 3, 3, 3), (4, null, null, null, null);
