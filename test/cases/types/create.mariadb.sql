create table own_types (id int primary key, u uuid, a inet6, b inet4);
insert into own_types values (1, '123E4567-e89b-12d3-a456-426655440000', '::ffff:192.0.2.1', '192.0.2.1'), (2, null, '2001:DB8::1', '0.0.0.0');
create table uuid_keys (k uuid primary key, v int);
insert into uuid_keys values ('123e4567-e89b-12d3-a456-426655440000', 1), ('00000000-0000-0000-0000-000000000000', 2);
