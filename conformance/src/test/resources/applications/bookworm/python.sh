# python3: threads, subprocess, multiprocessing, an asyncio server and client on 127.0.0.1.
cd /tmp
cat >work.py <<'P'
import asyncio, concurrent.futures, multiprocessing, os, queue, subprocess, threading

def square(x):
    return x * x

def main():
    q = queue.Queue()
    threads = [threading.Thread(target=lambda i=i: q.put(i)) for i in range(20)]
    for t in threads: t.start()
    for t in threads: t.join()
    print(sorted(q.get() for _ in threads))
    print(subprocess.run(["sh", "-c", "cat; exit 3"], input=b"in", capture_output=True))
    with multiprocessing.Pool(4) as pool:
        print(sum(pool.map(square, range(1000), chunksize=10)))
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        print(list(pool.map(square, range(5))))
    lock, value = multiprocessing.Lock(), multiprocessing.Value("i", 0)
    def add():
        for _ in range(100):
            with lock: value.value += 1
    children = [multiprocessing.get_context("fork").Process(target=add) for _ in range(4)]
    for c in children: c.start()
    for c in children: c.join()
    print(value.value)
    asyncio.run(serve())

async def serve():
    async def echo(reader, writer):
        while line := await reader.readline():
            writer.write(b"echo " + line)
            await writer.drain()
        writer.close()
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async def client(i):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        good = 0
        for k in range(20):
            writer.write(b"%d %d\n" % (i, k))
            good += await reader.readline() == b"echo %d %d\n" % (i, k)
        writer.close()
        return good
    print(sum(await asyncio.gather(*(client(i) for i in range(25)))))
    process = await asyncio.create_subprocess_exec("echo", "child", stdout=subprocess.PIPE)
    print(await process.communicate())
    server.close()

if __name__ == "__main__":
    main()
P
python3 work.py
python3 -c 'import sys, ssl, ctypes, sqlite3, zlib, hashlib; print(sys.version_info[:2])'
