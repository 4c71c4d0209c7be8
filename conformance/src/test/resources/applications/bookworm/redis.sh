# redis-server with redis-cli and redis-benchmark, over TCP and a UNIX socket, and its dump.
cd /tmp
redis-server --port 6379 --unixsocket /tmp/redis.sock --save '' --daemonize no >log 2>&1 &
server=$!
for i in $(seq 100); do redis-cli ping 2>/dev/null | grep -q PONG && break; sleep 0.1; done
redis-cli set key value
redis-cli get key
redis-cli -s /tmp/redis.sock incrby n 41
redis-cli --pipe <<<$'SET a 1\r\nSET b 2\r\n' | tail -n 1
seq 1000 | sed 's/.*/RPUSH list &/' | redis-cli | tail -n 1
redis-cli lrange list 0 2
redis-cli eval 'return redis.call("get", KEYS[1])' 1 key
redis-benchmark -q -n 2000 -c 20 -t set,get,lpush --csv | cut -d , -f 1
redis-cli bgsave
for i in $(seq 100); do [ "$(redis-cli info persistence | grep -c 'rdb_bgsave_in_progress:0')" = 1 ] && break; sleep 0.1; done
ls dump.rdb
redis-cli shutdown nosave
wait $server
echo "status $?"
