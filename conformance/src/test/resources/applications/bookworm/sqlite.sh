# 10,000 rows in a transaction, queries, an index, the write-ahead log, two writers.
cd /tmp
sqlite3 test.db <<'SQL'
create table t(id integer primary key, square integer, name text);
begin;
with recursive n(x) as (select 1 union all select x + 1 from n where x < 10000)
    insert into t select x, x * x, printf('row %d', x) from n;
commit;
select count(*), sum(square), max(name) from t;
create index by_name on t(name);
select id from t where name = 'row 777';
delete from t where id % 3 = 0;
vacuum;
pragma integrity_check;
pragma journal_mode = wal;
SQL
for i in 1 2 3; do
    sqlite3 -cmd '.timeout 20000' test.db \
        "begin immediate; update t set square = square + 1 where id = 1; commit" &
done
wait
sqlite3 test.db 'select square from t where id = 1; pragma integrity_check' .quit
ls -l test.db* | awk '{print $1, $5, $9}'
