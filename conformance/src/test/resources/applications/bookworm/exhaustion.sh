# Programs that take all they can get end in Linux's error or die alone; a bystander goes on.
mkfifo /tmp/ask /tmp/answer
(while read -r word < /tmp/ask && [ "$word" != end ]; do echo "alive after $word" > /tmp/answer; done) &
check() { echo "$1" > /tmp/ask; cat /tmp/answer; }
cat > /tmp/take.py <<'PY'
import ctypes, errno, mmap, os, resource, select, signal, socket, subprocess, sys, threading, time
libc = ctypes.CDLL(None, use_errno=True)
def name(e): return errno.errorcode[e.errno]
def until_error(f, most=10 ** 7):
    n = 0
    try:
        while n < most:
            f(); n += 1
    except OSError as e:
        return n, name(e)
    except RuntimeError as e:
        return n, str(e)
    return n, "no end"
def limit(which, n): resource.setrlimit(which, (n, n))
def forks():
    limit(resource.RLIMIT_NPROC, 60); os.setuid(4321)
    kids = []
    def fork():
        p = os.fork()
        if p == 0:
            signal.pause(); os._exit(0)
        kids.append(p)
    r = until_error(fork)
    for k in kids: os.kill(k, 9)
    print(r, {os.waitpid(k, 0)[1] for k in kids})
def bomb():
    limit(resource.RLIMIT_NPROC, 80); os.setuid(4322); os.setsid()
    def grow():
        hold = bytearray(1 << 20)
        for i in range(3):
            try:
                if os.fork() == 0: grow()
            except OSError as e:
                if e.errno != errno.EAGAIN: os._exit(1)
        time.sleep(30); os._exit(0)
    p = os.fork()
    if p == 0: grow()
    time.sleep(0.5); os.kill(-1, 9)
def threads():
    limit(resource.RLIMIT_NPROC, 50); os.setuid(4323)
    stop = threading.Event(); all = []
    def start():
        t = threading.Thread(target=stop.wait); t.start(); all.append(t)
    r = until_error(start); stop.set()
    for t in all: t.join()
    print(r)
def maps():
    libc.mmap.restype = ctypes.c_void_p
    n = 0
    while libc.mmap(None, ctypes.c_size_t(4096), 1 + 2 * (n & 1), 0x22, -1, ctypes.c_long(0)) != 2 ** 64 - 1: n += 1
    print(65000 < n < 65600, errno.errorcode[ctypes.get_errno()])
def space():
    limit(resource.RLIMIT_AS, 1 << 30); all = []
    n, e = until_error(lambda: all.append(mmap.mmap(-1, 64 << 20)))
    print(10 < n < 16, e)
def heap():
    limit(resource.RLIMIT_AS, 300 << 20); all = []
    try:
        while True: all.append("x" * (1 << 20))
    except MemoryError: print("MemoryError")
def files():
    limit(resource.RLIMIT_NOFILE, 2000)
    for make in (lambda: keep(os.open("/dev/null", 0)), lambda: keep(*os.pipe()), lambda: keep(os.eventfd(0)),
                 lambda: keep(os.memfd_create("m")), lambda: keep(select.epoll()), lambda: keep(*socket.socketpair()),
                 lambda: keep(os.dup(0)), lambda: keep(os.open("/tmp", os.O_TMPFILE | os.O_RDWR))):
        kept.clear(); n, e = until_error(make); print(n > 900, e, end=" ")
        for f in kept: os.close(f) if isinstance(f, int) else f.close()
    print()
kept = []
def keep(*f): kept.extend(f)
def full_pipes():
    limit(resource.RLIMIT_NOFILE, 1000)
    def fill():
        r, w = os.pipe(); keep(r, w); os.set_blocking(w, False)
        try:
            while True: os.write(w, b"x" * 65536)
        except BlockingIOError: pass
    print(until_error(fill)[1])
def timers():
    limit(resource.RLIMIT_SIGPENDING, 200); os.setuid(4324)
    def create():
        t = ctypes.c_int()
        if libc.syscall(222, 1, None, ctypes.byref(t)): raise OSError(ctypes.get_errno(), "")
    n, e = until_error(create); print(n, e)
def signals():
    limit(resource.RLIMIT_SIGPENDING, 300); os.setuid(4325)
    signal.pthread_sigmask(signal.SIG_BLOCK, [40])
    def queue():
        if libc.sigqueue(os.getpid(), 40, None): raise OSError(ctypes.get_errno(), "")
    print(until_error(queue))
def recursion():
    code = "import sys, functools\nsys.setrecursionlimit(10**8)\ndef g(n): return functools.reduce(lambda a, b: g(n + 1), [1, 2])\ng(1)"
    print(subprocess.run([sys.executable, "-c", code], capture_output=True).returncode)
def arguments():
    def run(args, env={}):
        p = os.fork()
        if p == 0:
            try: os.execve("/bin/true", args, env)
            except OSError as e: os._exit(e.errno)
        return os.waitstatus_to_exitcode(os.waitpid(p, 0)[1])
    print(run(["t", "x" * 131071]), run(["t", "x" * 131072]), run(["t"] + ["x" * 1000] * 2000), run(["t"] + ["x" * 1000] * 2090),
          run(["t"] + ["x"] * 100000), run(["t"] + ["x"] * 220000), run(["t"], {"A" * 100000: "b" * 20000}), run(["t"], {"A": "b" * 131072}))
    limit(resource.RLIMIT_STACK, 1 << 20)
    print(run(["t"] + ["x" * 1000] * 200), run(["t"] + ["x" * 1000] * 262))
def wild():
    import random
    seen = set()
    for i in range(40):
        p = os.fork()
        if p == 0:
            r = random.Random(i)
            f = ctypes.CFUNCTYPE(ctypes.c_int)
            if i % 4 == 0: f(r.getrandbits(47))()
            if i % 4 == 1: f(r.getrandbits(64) | 1 << 63)()
            if i % 4 == 2: ctypes.memset(ctypes.addressof(ctypes.c_char_p.from_address(id(os))) & -4096, r.getrandbits(8), 1 << 40)
            if i % 4 == 3:
                a = mmap.mmap(-1, 4096, prot=7); a[:] = b"\xcc" * 4096
                f(ctypes.addressof(ctypes.c_char.from_buffer(a)))()
            os._exit(0)
        seen.add(os.waitpid(p, 0)[1] & 0x7f)
    print(sorted(seen))
def dentries():
    os.mkdir("/tmp/many"); os.chdir("/tmp/many")
    for i in range(10000): open(str(i), "w").close()
    print(len(os.listdir(".")))
    for i in range(10000):
        try: os.stat("no%d" % i)
        except FileNotFoundError: pass
        os.unlink(str(i))
    d = "d" * 200
    def deeper():
        os.mkdir(d); os.chdir(d)
    print(until_error(deeper, 500)); os.chdir("/")
globals()[sys.argv[1]]()
PY
for what in forks bomb threads maps space heap files full_pipes timers signals recursion arguments wild dentries; do
  timeout -s KILL 60 python3 -u /tmp/take.py $what
  echo "status $?"
  check $what
done
echo end > /tmp/ask
wait
