# redis over TCP: server, client, many connections at once.
redis-server --port 6380 --bind 127.0.0.1 ::1 --save '' --daemonize no --logfile /tmp/log & p=$!
for i in $(seq 100); do redis-cli -p 6380 ping >/dev/null 2>&1 && break; sleep 0.1; done
redis-cli -p 6380 set key value; redis-cli -h ::1 -p 6380 get key
seq 1 2000 | sed 's/.*/rpush list &/' | redis-cli -p 6380 >/dev/null; redis-cli -p 6380 llen list
redis-benchmark -p 6380 -q -n 2000 -c 20 -t ping_inline,set,get -P 4 | tr '\r' '\n' | grep -c 'requests per second'
redis-cli -p 6380 shutdown nosave; wait $p; echo $?
redis-cli -p 6380 ping
