create table latins (k varchar(20) character set latin1 collate latin1_swedish_ci primary key, v varchar(20) character set latin1);
insert into latins values ('müller', 'ä€'), ('MEIER', 'ß'), ('über|', null), ('a', 'x'), ('B', 'y'), ('c', 'z');
create table accents (k varchar(20) character set utf8mb4 collate utf8mb4_unicode_ci primary key, v varchar(20) character set utf8mb4 collate utf8mb4_unicode_ci);
insert into accents values ('resume', 'A'), ('STRASSE', 'b'), ('x', 'trailing'), ('ａ', 'wide'), ('b', 'x ');
create table padded (k char(10) character set utf8mb4 collate utf8mb4_bin primary key, v char(10), w varchar(10));
insert into padded values ('a', 'b  ', 'c  '), ('d', '', '  ');
create table old_unicode (k varchar(20) character set ucs2 primary key, v varchar(20) character set utf16, w text character set utf8mb3);
insert into old_unicode values ('é|', '😀', 'ü'), ('plain', null, '');
