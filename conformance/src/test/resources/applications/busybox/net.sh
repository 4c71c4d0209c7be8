# busybox's own network tools.
ifconfig lo | grep -v packets | grep -v bytes; route -n; ping -c 1 -q 127.0.0.1 | grep -c ' 0% packet loss'; ping -6 -c 1 -q ::1 | grep -c ' 0% packet loss'
nc -l -p 7000 -s 127.0.0.1 > /tmp/nc & p=$!
for i in 1 2 3 4 5 6 7 8 9; do netstat -tln | grep -q 7000 && break; sleep 0.2; done
seq 1000 | nc 127.0.0.1 7000; wait $p; md5sum < /tmp/nc
mkdir -p /tmp/www; echo page > /tmp/www/index.html; httpd -p 127.0.0.1:8080 -h /tmp/www
wget -q -O - http://127.0.0.1:8080/; wget -q -O - http://127.0.0.1:9/ 2>&1; echo $?
