# apache2 with its event workers and curl on 127.0.0.1, also a CGI-less status and a graceful stop.
cd /tmp
mkdir www
seq 100000 >www/big.txt
echo '<h1>hello</h1>' >www/index.html
cat >apache.conf <<'C'
ServerRoot /etc/apache2
PidFile /tmp/apache.pid
ErrorLog /tmp/error.log
ServerName localhost
Listen 127.0.0.1:8081
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule dir_module /usr/lib/apache2/modules/mod_dir.so
StartServers 2
ThreadsPerChild 8
MaxRequestWorkers 16
User www-data
Group www-data
DocumentRoot /tmp/www
<Directory /tmp/www>
    Require all granted
</Directory>
C
chmod 755 /tmp/www
apache2 -f /tmp/apache.conf -k start
for i in $(seq 100); do curl -s -o /dev/null http://127.0.0.1:8081/ && break; sleep 0.1; done
curl -s http://127.0.0.1:8081/
curl -s http://127.0.0.1:8081/big.txt | sha256sum
curl -s -o /dev/null -w '%{http_code}\n' http://127.0.0.1:8081/missing
for i in $(seq 20); do curl -s http://127.0.0.1:8081/ & done | grep -c hello
apache2 -f /tmp/apache.conf -k graceful
sleep 0.5
curl -s http://127.0.0.1:8081/
apache2 -f /tmp/apache.conf -k stop
for i in $(seq 100); do [ -e apache.pid ] || break; sleep 0.1; done
ls apache.pid
