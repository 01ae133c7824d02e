create table keyless (maybe int, code varchar(20) not null, region int not null, v varchar(20),
  unique key nullable (maybe), unique key usable (region, code), unique key part (v(3)));
insert into keyless values (null, 'a', 1, 'one'), (null, 'b', 1, 'two'), (3, 'A|', 2, null);
