# asyncio server and client, http.server with curl, sockets in all their states as poll sees them.
cat > /tmp/echo.py <<'P'
import asyncio
async def handle(r, w):
    while line := await r.readline():
        w.write(line.upper())
        await w.drain()
    w.close()
async def client(port, n):
    r, w = await asyncio.open_connection("127.0.0.1", port)
    for i in range(50):
        w.write(b"line %d %d\n" % (n, i))
        assert await r.readline() == b"LINE %d %d\n" % (n, i)
    w.write_eof()
    assert await r.read() == b""
    w.close()
    return n
async def main():
    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    print(await asyncio.gather(*(client(port, n) for n in range(20))))
    server.close()
asyncio.run(main())
P
python3 /tmp/echo.py
cat > /tmp/poll.py <<'P'
import select, socket, struct, time
def events(s):
    p = select.poll()
    p.register(s, 0x20cb | 4 | 0x10 | 0x2000)
    r = p.poll(0)
    return hex(r[0][1]) if r else "none"
for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
    l = socket.socket(family)
    print("new", events(l))
    l.bind((host, 0)); l.listen(1)
    print("listening", events(l))
    c = socket.socket(family); c.setblocking(False)
    print("connect", c.connect_ex(l.getsockname()), events(c), events(l))
    c.setblocking(True)
    a, _ = l.accept()
    print("accepted", events(a), events(l))
    a.send(b"x"); print("data", events(c))
    c.send(b"!", socket.MSG_OOB); print("urgent", events(a))
    c.setblocking(False)
    print(a.recv(1, socket.MSG_OOB), events(a))
    a.shutdown(socket.SHUT_WR); print("half", events(a), events(c))
    print(c.recv(9), c.recv(9), events(c))
    c.shutdown(socket.SHUT_WR); time.sleep(0.01); print("both", events(a), events(c))
    d = socket.create_connection(l.getsockname()); b, _ = l.accept()
    d.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)); d.close()
    print("reset", events(b), end=" ")
    try: b.recv(1)
    except OSError as e: print(e.errno, end=" ")
    print(b.recv(1), events(b))
    n = socket.socket(family); n.setblocking(False)
    port = l.getsockname()[1]; l.close()
    print("refused", n.connect_ex((host, port)), events(n), n.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), events(n))
    u = socket.socket(family, socket.SOCK_DGRAM); u.connect((host, 9)); u.send(b"")
    print("udp", events(u), u.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), events(u))
for o in "TCP_NODELAY TCP_MAXSEG TCP_CORK TCP_KEEPIDLE TCP_KEEPINTVL TCP_KEEPCNT TCP_SYNCNT TCP_LINGER2 TCP_DEFER_ACCEPT TCP_USER_TIMEOUT TCP_FASTOPEN".split():
    print(o, socket.socket().getsockopt(socket.IPPROTO_TCP, getattr(socket, o)))
def attempt(f, *a):
    try: return f(*a)
    except OSError as e: return e.errno
s = socket.socket()
for address in (("1.2.3.4", 1), ("127.0.0.1", 0), ("127.9.9.9", 81)):
    t = socket.socket(); print(address, attempt(t.bind, address), attempt(t.bind, address))
print(attempt(s.send, b"x"), attempt(s.recv, 1), attempt(s.shutdown, 2), attempt(s.accept), attempt(s.getpeername))
print(attempt(s.connect, ("10.1.1.1", 1)), attempt(socket.socket().connect, ("255.255.255.255", 1)))
print(attempt(socket.socket, socket.AF_INET, socket.SOCK_STREAM, 17), attempt(socket.socket, socket.AF_INET, 5, 0), attempt(socket.socket, socket.AF_INET, 3, 0))
P
python3 /tmp/poll.py
mkdir -p /tmp/www; seq 20000 > /tmp/www/numbers; echo hello > /tmp/www/index.html
cd /tmp/www; python3 -u -m http.server --bind 127.0.0.1 8000 2>/dev/null >/dev/null &
for i in $(seq 100); do curl -s -o /dev/null http://127.0.0.1:8000/ && break; sleep 0.1; done
curl -s http://127.0.0.1:8000/; curl -s http://127.0.0.1:8000/numbers | md5sum
curl -s -o /dev/null -w '%{http_code}\n' http://127.0.0.1:8000/missing
curl -sS http://127.0.0.1:8001/ 2>&1 | sed 's/after [0-9]* ms/after N ms/'
kill %1; wait %1; echo $?
