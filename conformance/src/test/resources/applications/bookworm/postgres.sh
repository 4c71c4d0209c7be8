# PostgreSQL: initdb, start, psql, pgbench, a restart after a crash, stop.
export PATH=/usr/lib/postgresql/15/bin:$PATH
install -d -o postgres -m 700 /tmp/pg
as() { setpriv --reuid=postgres --regid=postgres --init-groups env PGHOST=/tmp "$@"; }
as initdb -D /tmp/pg -A trust -E UTF8 --locale=C --no-sync >/tmp/initdb.log && echo initialised
as pg_ctl -D /tmp/pg -o '-k /tmp -c fsync=off' -w -l /tmp/pg/log start >/dev/null && echo started
as psql -At -d postgres <<'SQL'
create table t(id serial primary key, square bigint, name text);
insert into t(square, name) select i * i, 'row ' || i from generate_series(1, 10000) i;
select count(*), sum(square), max(name) from t;
create index on t(name);
explain (costs off) select * from t where name = 'row 77';
begin; delete from t; rollback;
select count(*) from t;
listen channel;
SQL
as pgbench -i -q -d postgres 2>/dev/null && echo loaded
as pgbench -n -c 4 -j 2 -t 25 -d postgres 2>/dev/null | grep -E 'processed|failed'
kill -KILL "$(head -n 1 /tmp/pg/postmaster.pid)"
sleep 1
as pg_ctl -D /tmp/pg -o '-k /tmp -c fsync=off' -w -l /tmp/pg/log start >/dev/null && echo restarted
as psql -At -d postgres -h 127.0.0.1 -c 'select count(*) from t' -c 'select count(*) from pgbench_history'
as pg_ctl -D /tmp/pg -m fast -w stop >/dev/null && echo stopped
