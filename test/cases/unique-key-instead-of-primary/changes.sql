update keyless set maybe = 7 where code = 'a';
update keyless set region = 9 where code = 'b';
update keyless set maybe = null, v = '' where region = 2;
insert into keyless values (null, 'c', 1, null);
