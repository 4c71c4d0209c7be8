# The network as iproute2, getent, nc-like tools and node see it.
ip addr; ip -br link; ip route show table all; ip -6 route show table all; ip route get 127.0.0.1; ip neigh; ip rule
ip route get 8.8.8.8; ip link set lo down; ip addr; ip link set lo up; ip -br addr
ip addr add 10.1.2.3/24 dev lo; ip addr show dev lo; ip addr del 10.1.2.3/24 dev lo
getent hosts localhost; python3 -c '
import socket
print(socket.if_nameindex(), sorted(a[4] for a in socket.getaddrinfo("127.0.0.1", 80)))'
for v in 4 6; do
  h=127.0.0.1; [ $v = 6 ] && h='[::1]'
  socat -u TCP$v-LISTEN:700$v,bind=$h,reuseaddr - > /tmp/tcp$v & p=$!
  for i in $(seq 50); do ss -Htln | grep -q 700$v && break; sleep 0.1; done
  seq 30000 | socat -u - TCP$v:$h:700$v; wait $p; md5sum < /tmp/tcp$v
  socat -u UDP$v-RECVFROM:701$v,bind=$h - > /tmp/udp$v & p=$!
  for i in $(seq 50); do ss -Hualn | grep -q 701$v && break; sleep 0.1; done
  echo datagram $v | socat -u - UDP$v-SENDTO:$h:701$v; wait $p; cat /tmp/udp$v
done
node -e '
const http = require("http");
const s = http.createServer((q, r) => { let n = 0; q.on("data", d => n += d.length); q.on("end", () => r.end(q.method + " " + q.url + " " + n)); });
s.listen(0, "127.0.0.1", () => {
  const q = http.request({port: s.address().port, host: "127.0.0.1", method: "POST", path: "/x"}, r => { let b = ""; r.on("data", d => b += d); r.on("end", () => { console.log(r.statusCode, b); s.close(); }); });
  q.end("x".repeat(1000000));
});'
