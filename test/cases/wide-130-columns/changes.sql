update wide set c0 = 10 where id = 1;
update wide set c60 = 10 where id = 1;
update wide set c61 = null where id = 1;
update wide set c62 = 10 where id = 2;
update wide set c123 = 10, c124 = 11 where id = 2;
update wide set c129 = null where id = 3;
update wide set c128 = 1, c129 = 2 where id = 4;
