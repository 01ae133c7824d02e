create table people (id int primary key, `first name` varchar(20), secret varchar(20), born date, constructor int);
insert into people values (1, 'Ann', 'hidden', '1990-01-02', 1), (2, null, null, null, null), (3, 'Bob', 'x', null, 3);
