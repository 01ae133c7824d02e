/** Asks for triggers of ours in a database and for tables in a log schema; those are its two parameters. */
export const LEFTOVERS = `\
select concat('trigger ', trigger_schema, '.', trigger_name) as what
  from information_schema.triggers where trigger_schema = ? and trigger_name like 'longhaul%'
union all
select concat('table ', table_schema, '.', table_name)
  from information_schema.tables where table_schema = ?`
