update salted set v = null where id % 7 = 0;
delete from salted where id % 11 = 0;
update salted set id = -id where id % 13 = 0;
update salted_text set code = concat(code, '|') where v < 3;
