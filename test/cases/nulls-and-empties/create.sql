create table blanks (id int primary key, t varchar(20), b varbinary(20), n int, d datetime, x longtext);
insert into blanks values
  (1, null, null, null, null, null), (2, '', '', 0, '2024-01-01', ''), (3, ' ', x'00', -0, null, 'long'),
  (4, 'full', x'01', 1, '2024-01-01', 'x'), (5, null, x'ff', null, null, null);
