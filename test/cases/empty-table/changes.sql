insert into filled_later values (1, null), (2, 2);
delete from emptied;
