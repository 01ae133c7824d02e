create table never_filled (id int primary key, v int);
create table filled_later (id int primary key, v int);
create table emptied (id int primary key, v int);
insert into emptied values (1, 1), (2, 2), (3, null);
