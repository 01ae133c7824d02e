create table comings (id int primary key, a varchar(20), b varchar(20), c text);
insert into comings values (1, 'a', 'b', 'c'), (2, 'a', 'b', 'c'), (3, 'a', 'b', 'c'), (4, 'a', 'b', 'c'), (5, 'a', 'b', 'c');
