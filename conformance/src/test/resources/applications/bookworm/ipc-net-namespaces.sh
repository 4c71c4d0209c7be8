mount --make-rprivate / 2>/dev/null
ipcmk -M 4096 >/dev/null; ipcs -m | grep -c 4096
unshare -i sh -c 'ipcs -m | grep -c 4096; ipcmk -S 2 >/dev/null; ipcs -s | grep -c 644'; ipcs -s | grep -c 644
for n in uts ipc net cgroup pid mnt user; do
    case $n in pid) o="-p -f";; mnt) o=-m;; uts) o=-u;; ipc) o=-i;; net) o=-n;; cgroup) o=-C;; user) o=-U;; esac
    [ "$(unshare $o readlink /proc/self/ns/$n)" != "$(readlink /proc/self/ns/$n)" ] && echo "$n differs"
done
cat > /tmp/ns.py <<'P'
import ctypes, errno, fcntl, os
libc = ctypes.CDLL(None, use_errno=True)
kinds = dict(mnt=0x20000, cgroup=0x2000000, uts=0x4000000, ipc=0x8000000, user=0x10000000, pid=0x20000000, net=0x40000000)
def call(f, *a):
    r = f(*a)
    return r if r >= 0 else errno.errorcode[ctypes.get_errno()]
def ioctl(fd, c):
    try:
        r = fcntl.ioctl(fd, c)
        return r if c == 0xb703 else os.readlink(f"/proc/self/fd/{r}").split(":")[0]
    except OSError as e: return errno.errorcode[e.errno]
for k, flag in kinds.items():
    fd = os.open(f"/proc/self/ns/{k}", os.O_RDONLY)
    print(k, hex(ioctl(fd, 0xb703)), ioctl(fd, 0xb702), call(libc.setns, fd, 0), call(libc.setns, fd, flag), call(libc.setns, fd, 0x80))
r, w = os.pipe(); r2, w2 = os.pipe()
pid = os.fork()
if pid == 0:
    print(call(libc.unshare, sum(kinds.values()) ^ kinds["pid"] ^ kinds["user"]))
    libc.sethostname(b"child", 5); os.write(w, b"x"); os.read(r2, 1); os._exit(0)
os.read(r, 1)
fd = os.pidfd_open(pid)
print(call(libc.setns, fd, 0), call(libc.setns, fd, 1), call(libc.setns, 0, 0), call(libc.setns, 99, 0))
print(call(libc.setns, fd, kinds["uts"] | kinds["ipc"] | kinds["net"] | kinds["mnt"] | kinds["cgroup"]), os.uname().nodename, os.getcwd())
print([k for k in kinds if os.readlink(f"/proc/self/ns/{k}") == os.readlink(f"/proc/{pid}/ns/{k}")])
os.write(w2, b"x"); os.waitpid(pid, 0)
print(call(libc.setns, fd, kinds["uts"]))
# a user namespace from outside
pid = os.fork()
if pid == 0:
    print(call(libc.unshare, kinds["user"] | kinds["uts"])); os.write(w, b"x"); os.read(r2, 1); os._exit(0)
os.read(r, 1); fd = os.pidfd_open(pid); u = os.open(f"/proc/{pid}/ns/uts", os.O_RDONLY)
print(ioctl(u, 0xb701), ioctl(os.open(f"/proc/{pid}/ns/user", os.O_RDONLY), 0xb702), ioctl(os.open("/proc/self/ns/user", os.O_RDONLY), 0xb702))
print(call(libc.setns, fd, kinds["user"] | kinds["uts"]), os.getuid(), call(libc.sethostname, b"in", 2), os.uname().nodename)
os.write(w2, b"x"); os.waitpid(pid, 0)
P
python3 -u /tmp/ns.py
touch /tmp/keep; unshare -u sh -c 'hostname kept; mount --bind /proc/self/ns/uts /tmp/keep'; nsenter --uts=/tmp/keep hostname; umount /tmp/keep; hostname
unshare -i --propagation unchanged sh -c 'ipcmk -M 8192 >/dev/null; mount --bind /proc/self/ns/ipc /tmp/keep'; nsenter --ipc=/tmp/keep ipcs -m | grep -c 8192; umount /tmp/keep
setpriv --reuid 1000 --regid 1000 --clear-groups unshare -Uri sh -c 'ipcmk -M 64 >/dev/null; ipcs -m -c | tail -2 | tr -s " " | cut -d" " -f2-; tail -1 /proc/sysvipc/shm | (read k i p s x y n u g c d r; echo $p $s $u $g $c $d); ipcrm -a; ipcs -m | grep -c 0x'
