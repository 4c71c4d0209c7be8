e() { "$@" 2>&1; echo "status $?"; }
cat > /tmp/pr.py <<'P'
import ctypes, errno, os, sys
libc = ctypes.CDLL(None, use_errno=True)
def call(n, *a):
    r = libc.syscall(n, *[ctypes.c_char_p(x.encode()) if isinstance(x, str) else ctypes.c_long(x) for x in a])
    return r if r >= 0 else errno.errorcode[ctypes.get_errno()]
def mount(s, t, ty, f, d=""): return call(165, s, t, ty, f, d)
def umount(t, f=0): return call(166, t, f)
def pivot(n, o): return call(155, n, o)
def unshare(f): return call(272, f)
os.makedirs("/p/new", exist_ok=True); os.makedirs("/p/plain", exist_ok=True)
print(unshare(0x20000), mount("none", "/", "", 0x44000))
print("plain", pivot("/p/plain", "/p/plain"), pivot("/nowhere", "/p"), pivot("/p/new", "/nowhere"), pivot("/etc/passwd", "/p"), pivot("/p/new", "/etc/passwd"))
print(mount("t", "/p/new", "tmpfs", 0))
os.mkdir("/p/new/old"); os.mkdir("/p/new/proc"); os.mkdir("/p/new/usr"); os.mkdir("/p/new/lib64")
print("outside", pivot("/p/new", "/p/plain"), pivot("/p/new", "/p"), pivot("/", "/"), pivot("/p/new/old", "/p/new/old"))
print(mount("none", "/", "", 0x100000), pivot("/p/new", "/p/new/old"), mount("none", "/", "", 0x44000))
print(mount("/usr", "/p/new/usr", "", 0x5000))
pid = os.fork()
if pid == 0:
    os.chdir("/p/new")
    print("dot", unshare(0x20000), pivot(".", "."), umount(".", 2), os.getcwd(), sorted(os.listdir("/")))
    print([l.split()[1] for l in os.popen("true") or []] if False else open("/usr/bin/env", "rb").read(4))
    print(mount("proc", "/proc", "proc", 0), sorted(l.split()[1] for l in open("/proc/mounts")))
    os._exit(0)
os.waitpid(pid, 0)
os.chdir("/tmp")
print("pivot", pivot("/p/new", "/p/new/old"), os.getcwd(), sorted(os.listdir("/")), sorted(os.listdir("/old"))[:3])
print(os.path.exists("/old/tmp/pr.py"), umount("/old"), umount("/old", 2), os.listdir("/old"))
os.chdir("/"); print(os.getcwd(), pivot("/", "/old"))
P
e python3 -u /tmp/pr.py
mkdir -p /jail/usr /jail/tmp; mount --bind /usr /jail/usr; for l in bin lib lib64 sbin; do ln -s usr/$l /jail/$l; done
e chroot /jail sh -c 'ls /; pwd; cd ..; pwd; mkdir x; ls -d /x'
e unshare -R /jail ls /
e unshare -m sh -c 'mount --rbind /jail /jail; cd /jail; mkdir -p old proc; pivot_root . old; exec chroot . sh -c "umount -l /old; ls /; mount -t proc proc /proc; cut -d\" \" -f2,3 /proc/mounts | grep -v /old/"'
unshare -U -r sh -c 'chroot /jail sh -c "unshare -U true; echo \$?"'
cat > /tmp/expire.py <<'P'
import ctypes, errno, os
libc = ctypes.CDLL(None, use_errno=True)
def umount(t, f): return 0 if libc.umount2(t.encode(), f) == 0 else errno.errorcode[ctypes.get_errno()]
os.makedirs("/e", exist_ok=True); libc.mount(b"x", b"/e", b"tmpfs", 0, None)
fd = os.open("/e", os.O_RDONLY); print(umount("/e", 4)); os.close(fd)
print(umount("/e", 4), umount("/e", 4), umount("/e", 4), umount("/e", 5), umount("/e", 32))
libc.mount(b"x", b"/e", b"tmpfs", 0, None); print(umount("/e", 4)); open("/e/f", "w").close(); print(umount("/e", 4), umount("/e", 4))
libc.mount(b"x", b"/e", b"tmpfs", 0, None); os.symlink("/e", "/l"); print(umount("/l", 8), umount("/l", 0))
libc.mount(b"x", b"/e", b"tmpfs", 0, None); os.chdir("/e"); print(umount("/e", 0), umount("/e", 2))
print(os.listdir("."), open("after", "w").write("x"), os.listdir("."), os.stat(".").st_nlink)
try: print(os.getcwd())
except OSError as x: print(x)
P
e python3 -u /tmp/expire.py
