create table signs (k varchar(255) character set utf8mb4 collate utf8mb4_bin primary key, `größe|~:` varchar(50), `空` int);
insert into signs values
  ('a|b', 'pipe', 1), ('a~1b', 'looks escaped', 2), ('a~b', 'tilde', 3), ('a:b', 'colon', 4), ('a\nb', 'newline', 5),
  (concat('a', char(0 using utf8mb4), 'b'), 'nul', 6), ('😀', 'four bytes', 7), ('é', 'composed', 8), ('e\u0301', 'u', 9),
  (convert(x'65cc81' using utf8mb4), 'decomposed', 10), (repeat('😀', 255), 'longest', 11), ('~n', 'no null', 12),
  ('~e', 'no empty', 13), ('', 'empty', 14), ('\\', 'backslash', 15), ('''', 'quote', 16), ('中文😀|~ ', 'all', 17),
  (convert(x'efbbbf61' using utf8mb4), 'byte order mark', 18), ('a b', '\t', 19);
