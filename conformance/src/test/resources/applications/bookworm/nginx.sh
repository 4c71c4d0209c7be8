# nginx with two workers and curl on 127.0.0.1.
cd /tmp
mkdir -p www conf/logs
seq 100000 >www/big.txt
echo '<h1>hello</h1>' >www/index.html
cat >nginx.conf <<'C'
worker_processes 2;
daemon off;
pid /tmp/nginx.pid;
error_log /tmp/error.log;
events { worker_connections 128; }
http {
    access_log /tmp/access.log;
    server {
        listen 127.0.0.1:8080;
        listen [::1]:8080;
        root /tmp/www;
        location /old { return 301 /index.html; }
    }
}
C
nginx -p /tmp -c /tmp/nginx.conf &
server=$!
for i in $(seq 100); do curl -s -o /dev/null http://127.0.0.1:8080/ && break; sleep 0.1; done
curl -s http://127.0.0.1:8080/
curl -s -g 'http://[::1]:8080/'
curl -s http://127.0.0.1:8080/big.txt | sha256sum
curl -s -r 100-199 http://127.0.0.1:8080/big.txt | sha256sum
curl -s -o /dev/null -w '%{http_code}\n' http://127.0.0.1:8080/missing
curl -s -L http://127.0.0.1:8080/old
for i in $(seq 20); do curl -s http://127.0.0.1:8080/ & done | grep -c hello
nginx -p /tmp -c /tmp/nginx.conf -s reload 2>/dev/null
sleep 0.5
curl -s http://127.0.0.1:8080/
nginx -p /tmp -c /tmp/nginx.conf -s quit 2>/dev/null
wait $server
echo "status $?"
cut -d ' ' -f 6-9 access.log | sort | uniq -c
