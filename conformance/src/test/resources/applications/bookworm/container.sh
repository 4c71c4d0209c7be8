# what bubblewrap and other sandboxes do
cat > /tmp/box.py <<'P'
import ctypes, os, errno, signal
libc = ctypes.CDLL(None, use_errno=True)
NEWUSER, NEWNS, NEWPID, NEWIPC, NEWUTS, NEWNET = 0x10000000, 0x20000, 0x20000000, 0x8000000, 0x4000000, 0x40000000
BIND, REC, SLAVE, PRIVATE, REMOUNT, RO, NOSUID, NODEV, NOEXEC = 4096, 16384, 1 << 19, 1 << 18, 32, 1, 2, 4, 8
def mount(s, t, ty, f, d=None):
    if libc.mount(s.encode(), t.encode(), ty and ty.encode(), f, d and d.encode()) != 0:
        return errno.errorcode[ctypes.get_errno()]
    return 0
def umount(t, f=2): return 0 if libc.umount2(t.encode(), f) == 0 else errno.errorcode[ctypes.get_errno()]
def pivot(a, b): return 0 if libc.syscall(155, a.encode(), b.encode()) == 0 else errno.errorcode[ctypes.get_errno()]
def write(p, t):
    with open(p, "w") as f: f.write(t)
os.setresgid(1000, 1000, 1000); os.setresuid(1000, 1000, 1000)
libc.prctl(4, 1, 0, 0, 0) # dumpable
r, w = os.pipe()
pid = libc.syscall(56, NEWUSER | NEWNS | NEWPID | NEWIPC | NEWUTS | NEWNET | 17, 0, 0, 0, 0)
if pid == 0:
    os.close(w); os.read(r, 1)
    print(os.getpid(), os.getuid(), os.getgid(), flush=True)
    print(mount("none", "/", None, REC | SLAVE), mount("tmpfs", "/tmp", "tmpfs", NOSUID | NODEV), os.mkdir("/tmp/newroot"), os.mkdir("/tmp/oldroot"))
    print(mount("/tmp/newroot", "/tmp/newroot", None, BIND | REC), pivot("/tmp", "/tmp/oldroot"))
    os.chdir("/")
    for d in ("usr", "proc", "dev", "tmp", "etc"): os.mkdir("/newroot/" + d)
    print(mount("/oldroot/usr", "/newroot/usr", None, BIND | REC), mount("none", "/newroot/usr", None, BIND | REMOUNT | RO | NOSUID | NODEV))
    for l in ("bin", "lib", "lib64"): os.symlink("usr/" + l, "/newroot/" + l)
    print(mount("proc", "/newroot/proc", "proc", NOSUID | NODEV | NOEXEC), mount("tmpfs", "/newroot/tmp", "tmpfs", NOSUID | NODEV, "mode=0755"))
    open("/newroot/dev/null", "w").close()
    print(mount("/oldroot/dev/null", "/newroot/dev/null", None, BIND), open("/newroot/dev/null", "w").write("x"))
    print(mount("/oldroot", "/oldroot", None, REC | PRIVATE), umount("/oldroot"))
    fd = os.open("/", os.O_DIRECTORY | os.O_RDONLY); os.chdir("/newroot"); print(pivot(".", "."))
    os.fchdir(fd); print(umount(".")); os.chdir("/")
    print(sorted(os.listdir("/")), os.getcwd())
    print([l.split()[1] + " " + l.split()[3].split(",")[0] for l in open("/proc/mounts")])
    try: open("/usr/x", "w")
    except OSError as e: print(e)
    try: os.mknod("/tmp/zero", 0o20666, os.makedev(1, 5))
    except OSError as e: print(e)
    print(mount("none", "/usr", None, BIND | REMOUNT), umount("/usr"), libc.prctl(38, 1, 0, 0, 0))
    # a second user namespace drops the identity and the way back
    print(libc.unshare(NEWUSER)); write("/proc/self/setgroups", "deny") if False else None
    write("/proc/self/uid_map", "1000 0 1"); print(os.getuid(), mount("tmpfs", "/tmp", "tmpfs", 0), libc.sethostname(b"x", 1))
    if os.fork() == 0:
        os.execv("/usr/bin/sh", ["sh", "-c", "id -u; echo /proc/[0-9]*; ls /; readlink /proc/self; grep -E 'CapEff|NoNewPrivs' /proc/self/status"])
    os.wait(); print(sorted(int(p) for p in os.listdir("/proc") if p.isdigit()), flush=True)
    if os.fork() == 0: signal.pause()
    os._exit(5)
write(f"/proc/{pid}/setgroups", "deny"); write(f"/proc/{pid}/uid_map", "0 1000 1"); write(f"/proc/{pid}/gid_map", "0 1000 1")
os.write(w, b"x"); print(os.waitpid(pid, 0)[1])
P
python3 -u /tmp/box.py
unshare -m bash -c 'mkdir -p /m/a; mount -t tmpfs -o size=10m one /m/a; findmnt -n -o TARGET,SOURCE,FSTYPE,OPTIONS /m/a | sed s/,inode64//; findmnt -n -o PROPAGATION /m/a; mount | grep -c /m/a; grep /m/a /proc/self/mountstats; findmnt -n -T /m/a/x -o TARGET; umount /m/a; findmnt /m/a; echo $?'
unshare -pf --mount-proc bash -c 'sleep 100 & lsns -n -t pid -o NPROCS,PID,COMMAND; lsns -n -o TYPE -p $$ | sort | tr "\n" " "; kill %1'
cat > /tmp/hide.sh <<'S'
for o in hidepid=0 hidepid=1 hidepid=2 hidepid=2,gid=1000 subset=pid hidepid=noaccess,subset=pid hidepid=9 gid=x bad; do
    echo "== $o"; mount -t proc -o $o p /m/p 2>/dev/null; echo $?; grep /m/p /proc/mounts || continue
    [ "$(ls /m/p | grep -v "^[0-9]" | wc -l)" -gt 2 ] && echo all; cat /m/p/version 2>&1 | wc -l
    setpriv --reuid 1000 --regid 1000 --clear-groups sh -c 'ls /m/p | grep -c "^1$"; cut -c1-6 /m/p/1/stat; ls -d /m/p/1; ls /m/p/1 | grep -c "^stat$"; cut -d" " -f2 /m/p/self/stat; stat -c %A /m/p/1' 2>&1
    umount /m/p
done
mount -t proc p /m/p; mount -o remount,hidepid=2 /m/p; grep /m/p /proc/mounts; umount /m/p
S
mkdir -p /m/p; unshare -p -f --mount-proc sh /tmp/hide.sh
