cat > /tmp/maps.py <<'P'
import os, errno, ctypes
libc = ctypes.CDLL(None, use_errno=True)
def call(f, *a):
    try:
        return f(*a)
    except OSError as e:
        return errno.errorcode[e.errno]
def write(path, text):
    fd = os.open(path, os.O_WRONLY)
    try:
        return os.write(fd, text.encode())
    finally:
        os.close(fd)
def unshare(flags):
    return 0 if libc.unshare(flags) == 0 else errno.errorcode[ctypes.get_errno()]
NEWUSER, NEWUTS, NEWPID, NEWNS, FS, THREAD, VM = 0x10000000, 0x4000000, 0x20000000, 0x20000, 0x200, 0x10000, 0x100
def in_child(f):
    r, w = os.pipe()
    go_r, go_w = os.pipe()
    pid = os.fork()
    if pid == 0:
        print("unshare", unshare(NEWUSER), flush=True)
        os.write(w, b"x"); os.read(go_r, 1)
        f(); os._exit(0)
    os.read(r, 1)
    return pid, go_w
def finish(pid, go):
    os.write(go, b"x"); print("status", os.waitpid(pid, 0)[1], flush=True)
def show():
    print(os.getresuid(), os.getresgid(), os.getgroups(), os.stat("/").st_uid, flush=True)
    print(open("/proc/self/uid_map").read(), open("/proc/self/gid_map").read(), end="", flush=True)
    print(call(os.setresuid, 1, 2, 3), os.getresuid(), call(os.setuid, 77), flush=True)
    print(call(os.setgroups, [5]), flush=True)
# the parent maps with privilege, ranges
pid, go = in_child(show)
for text in ("", "0", "0 1", "a b c", "0 0 0", "4294967295 0 1", "0 4294967295 1", "0 0 5\n3 9 1", "0 0 5\n9 3 1", "0 0 4294967295", "0 1 2 3"):
    print(repr(text), call(write, f"/proc/{pid}/gid_map", text))
print(call(write, f"/proc/{pid}/uid_map", "0 100000 10\n1000 1000 1\n"))
print(call(write, f"/proc/{pid}/uid_map", "0 100000 10\n"))
print(call(write, f"/proc/{pid}/gid_map", "0 100000 10"))
print(call(write, f"/proc/{pid}/setgroups", "deny"), open(f"/proc/{pid}/uid_map").read())
finish(pid, go)
# one without privilege maps itself only
os.chmod("/tmp", 0o1777)
pid = os.fork()
if pid == 0:
    os.setgroups([]); os.setresgid(1000, 1000, 1000); os.setresuid(1000, 1000, 1000)
    open("/tmp/mine", "w").close()
    print(call(os.sethostname, "no"), unshare(NEWUTS), unshare(NEWUSER | NEWUTS))
    print(call(write, "/proc/self/gid_map", "0 1000 1"), call(write, "/proc/self/setgroups", "deny"))
    print(call(write, "/proc/self/uid_map", "0 0 1"), call(write, "/proc/self/uid_map", "0 1000 2"))
    print(call(write, "/proc/self/uid_map", "0 1000 1"), call(write, "/proc/self/gid_map", "0 1000 1"))
    print(os.getuid(), os.getgid(), call(os.sethostname, "yes"), os.uname().nodename)
    print(os.stat("/tmp/mine").st_uid, os.stat("/etc/passwd").st_uid, call(os.open, "/etc/shadow", os.O_RDONLY))
    print(call(os.chown, "/tmp/mine", 0, 0), call(os.chown, "/etc/passwd", 0, 0), call(os.chown, "/tmp/mine", 5, 5))
    print(call(os.mknod, "/tmp/null", 0o020666, os.makedev(1, 3)), call(os.chroot, "/"), call(os.nice, -5))
    print(call(os.kill, 1, 0))
    for line in open("/proc/self/status"):
        if line.startswith(("Cap", "Uid")):
            print(line, end="")
    print([unshare(f) for f in (THREAD, VM, NEWPID | NEWNS | FS, 1 << 40)])
    os._exit(0)
os.waitpid(pid, 0)
# depth
pid = os.fork()
if pid == 0:
    depth = 0
    while (e := unshare(NEWUSER)) == 0:
        depth += 1
        write("/proc/self/setgroups", "deny") if depth == 1 else None
        write("/proc/self/uid_map", "0 0 1"); write("/proc/self/gid_map", "0 0 1")
    print(depth, e)
    os._exit(0)
os.waitpid(pid, 0)
P
python3 -u /tmp/maps.py
