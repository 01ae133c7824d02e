update own_types set u = 'ffffffff-ffff-ffff-ffff-ffffffffffff', a = null where id = 1;
update uuid_keys set k = '523e4567-e89b-12d3-a456-426655440000' where v = 2;
