cat > /tmp/wait.py <<'P'
import ctypes, errno, os, signal, threading, time
libc = ctypes.CDLL(None, use_errno=True)
def call(f, *a):
    try: return f(*a)
    except OSError as e: return errno.errorcode[e.errno]
def sc(*a):
    r = libc.syscall(*[ctypes.c_long(x) for x in a])
    return r if r >= 0 else errno.errorcode[ctypes.get_errno()]
WNOHANG, WNOTHREAD, WALL, WCLONE = 1, 0x20000000, 0x40000000, 0x80000000
def clone(sig, flags=0):
    r = sc(56, flags | sig, 0, 0, 0, 0)
    if r == 0: os._exit(3)
    return r
def w(pid, opt=0):
    status = ctypes.c_int(-1)
    r = sc(61, pid, ctypes.addressof(status), ctypes.c_int(opt).value, 0)
    return (r if isinstance(r, str) else r > 0 if r else 0, status.value)
p = clone(0); print(w(p), w(p, WCLONE), w(p, WALL))
p = clone(10) if signal.signal(10, lambda *a: None) else 0; print(w(p), w(-1), w(p, WCLONE))
p = clone(17); print(w(p, WCLONE), w(p, WALL))
print(w(-1), w(-1, WNOHANG), w(0), w(-99999), w(99999), w(-2**31), w(1, 0x100))
# a thread's children
p = os.fork()
if p == 0: os._exit(4)
r = []
t = threading.Thread(target=lambda: r.append((w(p, WNOTHREAD), w(p)))); t.start(); t.join(); print(r)
# a thread that ends leaves its child to the process
pids = []
def forker():
    q = os.fork()
    if q == 0: signal.pause()
    pids.append(q)
t = threading.Thread(target=forker); t.start(); t.join()
os.kill(pids[0], 9); print(w(pids[0], WNOTHREAD))
# orphans and subreapers
PR_SET_CHILD_SUBREAPER, PR_GET_CHILD_SUBREAPER = 36, 37
def orphan_parent():
    rd, wr = os.pipe()
    mid = os.fork()
    if mid == 0:
        leaf = os.fork()
        if leaf == 0:
            os.close(rd)
            while os.getppid() == mid_pid(): time.sleep(0.005)
            os.write(wr, str(os.getppid()).encode()); os._exit(5)
        os._exit(0)
    os.waitpid(mid, 0); os.close(wr)
    got = int(os.read(rd, 20)); os.close(rd)
    return got
_mid = [0]
def mid_pid(): return _mid[0]
def run():
    rd, wr = os.pipe(); mid = os.fork()
    if mid == 0:
        me = os.getpid(); leaf = os.fork()
        if leaf == 0:
            while os.getppid() == me: time.sleep(0.002)
            os.write(wr, str(os.getppid()).encode()); os._exit(5)
        os._exit(0)
    os.waitpid(mid, 0); got = int(os.read(rd, 20)); os.close(rd); os.close(wr); return got
helper = os.fork()
if helper == 0:
    print(run() == 1)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); v = ctypes.c_int(9); libc.prctl(PR_GET_CHILD_SUBREAPER, ctypes.byref(v), 0, 0, 0)
    print(v.value, run() == os.getpid(), os.wait()[1])
    inner = os.fork()
    if inner == 0:
        libc.prctl(PR_GET_CHILD_SUBREAPER, ctypes.byref(v), 0, 0, 0)
        print(v.value, run() == os.getppid()); os._exit(0)
    print(os.waitpid(inner, 0)[1], os.wait()[1])
    libc.prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0); print(run() == 1)
    os._exit(0)
os.waitpid(helper, 0)
# CLONE_PARENT
helper = os.fork()
if helper == 0:
    rd, wr = os.pipe()
    mid = os.fork()
    if mid == 0:
        sib = sc(56, 0x8000 | 17, 0, 0, 0, 0)
        if sib == 0: os._exit(6)
        os.write(wr, str(sib).encode()); print(call(os.waitpid, sib, 0)); os._exit(0)
    sib = int(os.read(rd, 20)); print(os.waitpid(sib, 0)[1], os.waitpid(mid, 0)[1]); os._exit(0)
os.waitpid(helper, 0)
print(sc(56, 0x8000 | 17, 0, 0, 0, 0) if os.getpid() == 1 else "EINVAL")
# SIGCHLD ignored, SA_NOCLDWAIT
helper = os.fork()
if helper == 0:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    p = os.fork()
    if p == 0: os._exit(0)
    print(call(os.waitpid, p, 0), call(os.waitpid, -1, 0)); os._exit(0)
os.waitpid(helper, 0)
# waitid
p = os.fork()
if p == 0: os._exit(7)
print(os.waitid(os.P_PID, p, os.WEXITED | os.WNOWAIT).si_status, os.waitid(os.P_PID, p, os.WEXITED).si_status, call(os.waitid, os.P_PID, p, os.WEXITED))
print([sc(247, *a) for a in ((9, 1, 0, 4, 0), (1, 0, 0, 4, 0), (1, 1, 0, 0, 0), (1, 1, 0, 4 | 1 << 20, 0), (2, -1, 0, 4, 0), (0, 0, 0, 4, 0), (3, -1, 0, 4, 0), (3, 0, 0, 4, 0))])
p = os.fork()
if p == 0:
    os.setpgid(0, 0)
    os.kill(os.getpid(), signal.SIGSTOP); os._exit(8)
i = os.waitid(os.P_PID, p, os.WSTOPPED | os.WNOWAIT); print(i.si_code, i.si_status, os.waitid(os.P_PGID, p, os.WSTOPPED).si_status, call(os.waitid, os.P_PID, p, os.WSTOPPED | os.WNOHANG))
os.kill(p, signal.SIGCONT); i = os.waitid(os.P_PID, p, os.WCONTINUED); print(i.si_code, i.si_status, os.waitpid(p, 0)[1])
P
python3 -u -W ignore /tmp/wait.py
cat > /tmp/exec.py <<'P'
import ctypes, errno, os, sys, threading
libc = ctypes.CDLL(None, use_errno=True)
def execveat(fd, path, argv, flags):
    a = (ctypes.c_char_p * (len(argv) + 1))(*[x.encode() for x in argv], None)
    e = (ctypes.c_char_p * 2)(b"PATH=/bin:/usr/bin", None)
    libc.syscall(322, fd, path.encode(), a, e, flags); return errno.errorcode[ctypes.get_errno()]
def child(f):
    p = os.fork()
    if p == 0: print(f()); sys.stdout.flush(); os._exit(9)
    return os.waitpid(p, 0)[1]
fd = os.open("/bin/echo", os.O_RDONLY | os.O_CLOEXEC); path = os.open("/bin/echo", os.O_PATH); d = os.open("/bin", os.O_RDONLY)
os.symlink("/bin/echo", "/tmp/link"); s = os.open("/tmp/s.sh", os.O_CREAT | os.O_RDWR, 0o755); os.write(s, b"#!/bin/sh\necho script $0 $1\n"); os.close(s); s = os.open("/tmp/s.sh", os.O_RDONLY); sc = os.open("/tmp/s.sh", os.O_RDONLY | os.O_CLOEXEC)
os.set_inheritable(s, True)
for a in ((fd, "", ["x", "one"], 0x1000), (path, "", ["x", "two"], 0x1000), (fd, "", ["x"], 0), (d, "echo", ["x", "three"], 0), (-100, "/tmp/link", ["x", "four"], 0), (-100, "/tmp/link", ["x"], 0x100), (99, "echo", ["x"], 0), (fd, "echo", ["x"], 0), (d, "echo", ["x"], 1), (d, "", ["x"], 0x1000), (s, "", ["x", "five"], 0x1000), (sc, "", ["x"], 0x1000), (99, "/bin/echo", ["x", "six"], 0)):
    print(child(lambda: execveat(*a)), flush=True)
# exec by a thread that is not the leader
p = os.fork()
if p == 0:
    me = os.getpid()
    for i in range(3): threading.Thread(target=lambda: __import__("time").sleep(100), daemon=True).start()
    t = threading.Thread(target=lambda: os.execv("/bin/sh", ["sh", "-c", f"[ $$ = {me} ] && echo same; ls /proc/self/task | wc -l; exit 4"])); t.start()
    import time; time.sleep(100)
print(os.waitpid(p, 0)[1])
P
python3 -u /tmp/exec.py
