set sql_mode = '', time_zone = '+00:00';
create table numbers (id int primary key, a tinyint, b tinyint(1), c smallint unsigned, d mediumint, e int unsigned, f bigint,
  g bigint unsigned, h decimal(65, 30), i decimal(10), j float, k double, l bit(1), m bit(64), n int(10) zerofill, o boolean, p float unsigned);
insert into numbers values
  (1, -128, 2, 65535, -8388608, 4294967295, -9223372036854775808, 18446744073709551615,
    99999999999999999999999999999999999.999999999999999999999999999999, -9999999999, 16777217, 1.7976931348623157e308, b'1', ~0, 42, true, 0.1),
  (2, 127, 0, 0, 8388607, 0, 9223372036854775807, 9007199254740993, -0.000000000000000000000000000001, 0, 3.4028235e38, 5e-324, b'0', 0, 0, false, 1e-38),
  (3, 0, -1, 1, -1, 2147483648, -1, 9223372036854775808, 0, 5, 1.1754944e-38, -0.1, b'1', 1, 4294967295, null, 123456.789),
  (4, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null),
  (5, 1, 1, 1, 1, 1, 9007199254740992, 1, 1234567890123456789012345678.0123456789, 1, 1e20, 1e21, b'1', 9223372036854775808, 1, true, 1e10),
  (6, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0.3, 0.30000000000000004, b'1', 1, 1, true, 0);
create table moments_of_all (id int primary key, a date, b datetime, c datetime(6), d timestamp null, e timestamp(6) null, f time, g time(6), h year);
insert into moments_of_all values
  (1, '0001-01-01', '0001-01-01 00:00:00', '9999-12-31 23:59:59.999999', '1970-01-01 00:00:01', '2038-01-19 03:14:07.999999', '-838:59:59', '838:59:58.999999', 1901),
  (2, '0000-00-00', '0000-00-00 00:00:00', '0000-00-00 00:00:00.000000', '0000-00-00 00:00:00', '0000-00-00 00:00:00', '00:00:00', '-00:00:00.000001', 0000),
  (3, '2024-02-29', '2024-03-31 02:30:00', '2024-10-27 02:30:00.000001', '2024-03-31 02:30:00', '2024-10-27 02:30:00.5', '23:59:59', '12:00:00.100000', 2155),
  (4, null, null, null, null, null, null, null, null), (5, '2024-00-00', '2024-01-00 00:00:00', '2024-01-01', null, null, null, null, null);
create table texts (id int primary key, a char(10), b varchar(100), c tinytext, d text, e mediumtext, f longtext,
  g enum('', 'x', 'y,z'), h set('a', 'b', 'c'), i varchar(10) character set latin1, j char(5) character set utf8mb4);
insert into texts values
  (1, 'pad   ', 'trail  ', '', 'text', repeat('m', 70000), repeat('😀', 20000), 'x', 'a,c', 'é€', '😀'),
  (2, '', concat('a', char(0 using utf8mb4), 'b'), null, '\\ '' " \n \r \t', null, '', '', '', '', ''),
  (3, null, null, null, null, null, null, null, null, null, null), (4, 'a', 'b', 'c', 'd', 'e', 'f', 'invalid', 'b', 'z', 'z');
create table blobs (id int primary key, a binary(4), b varbinary(20), c tinyblob, d blob, e mediumblob, f longblob);
insert into blobs values
  (1, x'6162', x'00ff', x'', unhex(repeat('00', 300)), unhex(repeat('fe', 70000)), unhex(repeat('0aff', 5000))),
  (2, '', '', '', '', '', ''), (3, null, null, null, null, null, null);
create table others (id int primary key, j json, p point, g geometry, l linestring, m multipolygon);
insert into others values
  (1, '{"b": 12345678901234567890, "a": [1, 2.50, null, "\\u00e9 😀"], "": ""}', point(1, -2.5), st_geomfromtext('POLYGON((0 0, 1 0, 1 1, 0 0))'),
    st_geomfromtext('LINESTRING(0 0, 1 1)'), st_geomfromtext('MULTIPOLYGON(((0 0, 1 0, 1 1, 0 0)))')),
  (2, '""', st_geomfromtext('POINT(3 4)', 3857), st_geomfromtext('GEOMETRYCOLLECTION(POINT(1 1))'), null, null), (3, null, null, null, null, null), (4, 'null', null, null, null, null);
