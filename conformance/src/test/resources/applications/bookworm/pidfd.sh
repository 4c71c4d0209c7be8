cat > /tmp/pidfd.py <<'P'
import os, ctypes, errno, select, signal, struct, socket
libc = ctypes.CDLL(None, use_errno=True)
def sc(*a):
    r = libc.syscall(*[ctypes.c_long(x) if isinstance(x, int) else x for x in a])
    return r if r >= 0 else errno.errorcode[ctypes.get_errno()]
p = os.fork()
if p == 0:
    while True: signal.pause()
fd = os.pidfd_open(p)
print(fd > 2, os.readlink(f"/proc/self/fd/{fd}"), os.get_inheritable(fd))
po = select.poll(); po.register(fd, select.POLLIN)
ep = select.epoll(); ep.register(fd, select.EPOLLIN)
print(po.poll(0), ep.poll(0), sc(424, fd, 9, 0, 0))
print([e for f, e in po.poll()], [e for f, e in ep.poll()])
print(os.waitid(os.P_PIDFD, fd, os.WEXITED).si_status, [e for f, e in po.poll()])
try: os.waitid(os.P_PIDFD, fd, os.WEXITED)
except OSError as e: print(e)
print(sc(424, fd, 0, 0, 0), sc(434, 1, 4), sc(434, -1, 0), sc(434, 99999, 0), sc(438, fd, 0, 0), sc(438, 0, 0, 0))
me = sc(434, os.getpid(), 0)
print(sc(438, me, 0, 1), sc(438, me, 77, 0), os.fstat(sc(438, me, 0, 0)).st_ino == os.fstat(0).st_ino)
print(sc(424, me, 0, 0, 8), sc(424, me, 0, 0, 3), sc(424, 0, 0, 0, 0), sc(424, me, 99, 0, 0), sc(424, me, 0, 0, 4))
info = ctypes.create_string_buffer(128)
struct.pack_into("iii", info, 0, 10, 0, -1)
signal.signal(signal.SIGUSR1, lambda s, f: print("got", s))
print(sc(424, me, 10, info, 0), sc(424, me, 12, info, 0))
struct.pack_into("iii", info, 0, 10, 0, 0)
other = sc(434, os.getppid() or 1, 0)
print(sc(424, me, 10, info, 0))
# clone3: CLONE_PIDFD, exit signal, set_tid, CLONE_CLEAR_SIGHAND
def clone3(flags=0, pidfd=0, exit_signal=17, set_tid=(), size=88, parent_tid=0):
    ids = (ctypes.c_int * max(1, len(set_tid)))(*set_tid)
    a = ctypes.create_string_buffer(struct.pack("11Q", flags, pidfd, 0, parent_tid, exit_signal, 0, 0, 0, ctypes.addressof(ids) if set_tid else 0, len(set_tid), 0), 200)
    r = sc(435, a, size)
    if r == 0: os._exit(7)
    return r
out = ctypes.c_int(-1)
r = clone3(0x1000, ctypes.addressof(out))
print(r > 0, out.value > 2, os.waitid(os.P_PIDFD, out.value, os.WEXITED).si_status)
print(clone3(0x1000, ctypes.addressof(out), size=64) > 0, clone3(size=63), clone3(size=5000), clone3(exit_signal=65), clone3(0x10000, exit_signal=17), clone3(1 << 34), clone3(0x400000))
print(clone3(set_tid=(4242,)) == 4242, os.waitpid(4242, 0), clone3(set_tid=(os.getpid(),)), clone3(set_tid=(0,)), clone3(set_tid=(5000000,)))
print(clone3(0x20000000, set_tid=(2,)), clone3(0x20000000, set_tid=(1, 4343)) == 4343, os.waitpid(4343, 0))
r = clone3(exit_signal=0)
try: os.waitpid(r, 0)
except OSError as e: print(e)
print(os.waitpid(r, 0x40000000)[0] == r, [clone3(0x100000800 & ~0x800) > 0])
try:
    while True: os.waitpid(-1, 0x40000000)
except OSError as e: print(e)
# nonblocking
p = os.fork()
if p == 0:
    while True: signal.pause()
fd = sc(434, p, 0o4000)
try: os.waitid(os.P_PIDFD, fd, os.WEXITED)
except OSError as e: print(e)
print(os.waitid(os.P_PIDFD, fd, os.WEXITED | os.WNOHANG))
print([l for l in open(f"/proc/self/fdinfo/{fd}") if "Pid" in l or "NSpid" in l] == [f"Pid:\t{p}\n", f"NSpid:\t{p}\n"])
os.kill(p, 15); po.register(fd);
while not any(f == fd for f, e in po.poll()): pass
print(os.waitid(os.P_PIDFD, fd, os.WEXITED).si_status)
P
python3 -u /tmp/pidfd.py < /dev/null
