# Programs that talk over UNIX sockets.
cd /tmp
python3 - <<'EOF'
import multiprocessing as mp, socket, os, socketserver, threading, asyncio, subprocess

def work(n):
    return n * n

def child(connection):
    connection.send([connection.recv(), os.getpid() != 1])
    connection.close()

if __name__ == '__main__':
    a, b = mp.Pipe()
    p = mp.Process(target=child, args=(b,))
    p.start()
    a.send({'x': list(range(1000))})
    answer = a.recv()
    p.join()
    print(len(answer[0]['x']), answer[1], p.exitcode)
    with mp.Pool(3) as pool:
        print(sum(pool.map(work, range(100))))
    with mp.Manager() as manager:
        d = manager.dict()
        d['k'] = 5
        print(dict(d))
    r, w = os.pipe()
    x, y = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    if os.fork() == 0:
        _, fds, _, _ = socket.recv_fds(y, 10, 4)
        os.write(fds[0], b'through a passed pipe')
        os._exit(0)
    socket.send_fds(x, [b'f'], [w])
    os.wait()
    print(os.read(r, 100))

    class Echo(socketserver.StreamRequestHandler):
        def handle(self):
            for line in self.rfile:
                self.wfile.write(line.upper())

    server = socketserver.ThreadingUnixStreamServer('/tmp/echo', Echo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    clients = []
    for i in range(20):
        c = socket.socket(socket.AF_UNIX)
        c.connect('/tmp/echo')
        clients.append(c)
    for i, c in enumerate(clients):
        c.sendall(b'line %d\n' % i * 1000)
        c.shutdown(socket.SHUT_WR)
    total = 0
    for c in clients:
        while data := c.recv(65536):
            total += len(data)
    print(total)
    server.shutdown()

    async def main():
        async def serve(reader, writer):
            writer.write(await reader.read())
            await writer.drain()
            writer.close()
        s = await asyncio.start_unix_server(serve, '/tmp/async')
        reader, writer = await asyncio.open_unix_connection('/tmp/async')
        writer.write(b'z' * 1000000)
        writer.write_eof()
        print(len(await reader.read()))
        writer.close()
        s.close()
    asyncio.run(main())

    # A socket that passes itself, and a circle of two, end.
    for i in range(50):
        p, q = socket.socketpair()
        socket.send_fds(p, [b'x'], [p.fileno(), q.fileno()])
        socket.send_fds(q, [b'x'], [p.fileno(), q.fileno()])
        p.close()
        q.close()
    big = socket.socketpair()
    big[0].setblocking(False)
    print(big[0].send(b'x' * 1000000))
EOF
node -e "
const {execSync, fork} = require('child_process');
console.log(execSync('echo from a child').toString().trim());
const net = require('net');
const s = net.createServer(c => c.pipe(c)).listen('/tmp/node.sock', () => {
  const c = net.connect('/tmp/node.sock', () => { c.end('x'.repeat(300000)); });
  let n = 0;
  c.on('data', d => n += d.length);
  c.on('end', () => { console.log(n); s.close(); });
});"
mkdir -p from/a/b && seq 1000 > from/a/numbers && ln -s a/numbers from/link && echo x > from/a/b/x
rsync -a from/ to && diff -r from to && readlink to/link
socat UNIX-LISTEN:/tmp/s,fork EXEC:'tr a-z A-Z' & server=$!
while [ ! -S /tmp/s ]; do sleep 0.05; done
echo over socat | socat - UNIX-CONNECT:/tmp/s
stat -c '%F %a' /tmp/s
echo x | socat - UNIX-CONNECT:/tmp/missing 2>&1 | sed 's/.*E /E /'
kill $server
su nobody -s /bin/sh -c id
head -1 /proc/net/unix
python3 -c "
import socket, os
s = socket.socket(socket.AF_UNIX)
s.bind('/tmp/listed')
s.listen(5)
t = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
t.bind(b'\0abstract\0name')
for line in sorted(open('/proc/net/unix'), key=lambda line: line.split()[-1]):
    f = line.split()
    if f[-1] in ('/tmp/listed', '@abstract@name'):
        i = os.readlink('/proc/self/fd/%d' % (s if f[-1] == '/tmp/listed' else t).fileno())
        print(f[1:6], i == 'socket:[' + f[6] + ']', f[7])
"
