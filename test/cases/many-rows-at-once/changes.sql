update many set w = id, v = if(id % 2, null, v);
delete from many where id % 10 = 0;
update many set id = id + 5000 where id % 10 = 1;
insert into many select id + 20000, v, w from many where id % 3 = 0;
