create table totals (id int primary key, price decimal(10, 2), amount int,
  total decimal(20, 2) as (price * amount) stored, label varchar(40) as (concat('#', id, ' ', ifnull(amount, 'none'))) virtual);
insert into totals (id, price, amount) values (1, 9.99, 3), (2, null, 1), (3, 1.50, null);
