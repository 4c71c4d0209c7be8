mkdir -p /m/a /m/b /m/c
cat > /tmp/api.py <<'P'
import ctypes, errno, os, struct
libc = ctypes.CDLL(None, use_errno=True)
def call(n, *a):
    r = libc.syscall(n, *[ctypes.c_char_p(x.encode()) if isinstance(x, str) else ctypes.c_void_p(None) if x is None else ctypes.c_long(x) if isinstance(x, int) else x for x in a])
    return r if r >= 0 else errno.errorcode[ctypes.get_errno()]
fsopen = lambda n, f=0: call(430, n, f)
fsconfig = lambda fd, c, k=None, v=None, x=0: call(431, fd, c, k, v, x)
fsmount = lambda fd, f=0, a=0: call(432, fd, f, a)
fspick = lambda d, p, f=0: call(433, d, p, f)
open_tree = lambda d, p, f=0: call(428, d, p, f)
move = lambda d, p, d2, p2, f=0: call(429, d, p, d2, p2, f)
def setattr(d, p, f=0, s=0, c=0, g=0, size=32):
    return call(442, d, p, f, ctypes.create_string_buffer(struct.pack("QQQQ", s, c, g, 0) + bytes(4096)), size)
CWD = -100
def show(p="/m"):
    for l in open("/proc/self/mountinfo"):
        w = l.split()
        if w[4].startswith(p):
            i = w.index("-"); print(w[3:6], [x.split(":")[0] for x in w[6:i]], w[i+1:i+3], w[i+3].replace(",inode64", ""))
print(fsopen("nofs"), fsopen("tmpfs", 2), fsconfig(-1, 0, "x"), fsconfig(0, 0, "x"), fsconfig(77, 0, "x"), fsconfig(0, 99))
fd = fsopen("tmpfs", 1)
print(os.readlink(f"/proc/self/fd/{fd}"), os.get_inheritable(fd))
print(fsconfig(fd, 0, "ro", "x"), fsconfig(fd, 1, "size"), fsconfig(fd, 1, "source", "src"), fsconfig(fd, 1, "source", "again"), fsconfig(fd, 1, "size", "1m"), fsconfig(fd, 1, "mode", "700"), fsconfig(fd, 1, "", "1"))
print(fsmount(fd), fsconfig(fd, 7), fsconfig(fd, 6), fsconfig(fd, 6), fsconfig(fd, 1, "size", "2m"))
print(fsmount(fd, 2), fsmount(fd, 0, 1 << 30), fsmount(fd, 0, 0x30), fsmount(0))
m = fsmount(fd, 1, 0xe)
print(m > 0, fsmount(fd), os.get_inheritable(m), oct(os.stat(m).st_mode), os.listdir(f"/proc/self/fd/{m}"))
os.close(os.open("inside", os.O_CREAT | os.O_WRONLY, 0o600, dir_fd=m)); show()
print(move(m, "", CWD, "/m/a"), move(m, "", CWD, "/m/a", 0x1000), move(m, "", CWD, "/m/a", 4), move(m, "", CWD, "/m/a", 4)); show()
os.close(m); os.close(fd); print(os.listdir("/m/a"))
# copies
t = open_tree(CWD, "/m/a", 1)
print(open_tree(CWD, "/m/a", 0x8000), open_tree(CWD, "/nowhere"), open_tree(CWD, "", 0), open_tree(CWD, "/m/a", 2))
print(move(t, "", CWD, "/m/b", 4), os.listdir("/m/b")); show(); os.close(t)
t = open_tree(CWD, "/m", 0x8001); print(os.listdir(f"/proc/self/fd/{t}/a")); os.close(t); print(os.listdir("/m/a"))
t = open_tree(CWD, "/m/a"); print(os.listdir(f"/proc/self/fd/{t}"), move(t, "", CWD, "/m/c", 4)); os.close(t); show()
print(move(CWD, "/m/c", CWD, "/m/a"), move(CWD, "/m/a", CWD, "/m/a/inside"), move(CWD, "/m/a/inside", CWD, "/m/c"), move(CWD, "/m/a", CWD, "/m/a"))
# attributes
print(setattr(CWD, "/m/a", 0, 1), setattr(CWD, "/m/b", 0, 0x10), setattr(CWD, "/m/b", 0, 0x10, 0x70), setattr(CWD, "/m/b", 0, 0, 0x10), setattr(CWD, "/m/b", 0, 0x100000), setattr(CWD, "/m/b", 0, 0, 0, 3 << 18), setattr(CWD, "/m/b", 0, 0, 0, 1 << 20), setattr(CWD, "/m/b", 1), setattr(CWD, "/m", 0, 1), setattr(CWD, "/m/b", size=31), setattr(CWD, "/m/b", size=5000), setattr(CWD, "/m/b", 0, 0x200000, 2), setattr(CWD, "/m/b", 0, 0, 0, 0))
show()
try: open("/m/a/x", "w")
except OSError as e: print(e)
print(setattr(CWD, "/m/a", 0, 0, 1), open("/m/a/x", "w").close(), setattr(CWD, "/m/a", 0x8000, 9, 4)); show()
# reconfigure
p = fspick(CWD, "/m/a", 1); print(p > 0, fspick(CWD, "/m"), fspick(CWD, "/m/a", 16), fsconfig(p, 6), fsconfig(p, 1, "size", "3m"), fsconfig(p, 0, "ro"), fsconfig(p, 7)); show()
print(fsconfig(p, 0, "rw"), fsconfig(p, 7)); show(); os.close(p)
bad = fsopen("tmpfs"); print(fsconfig(bad, 1, "mode", "9z") or 0 if False else "", fsconfig(bad, 6), fsmount(bad) > 0)
P
python3 -u /tmp/api.py
unshare -U python3 -c '
import ctypes, errno
libc = ctypes.CDLL(None, use_errno=True)
for n, a in ((430, (b"tmpfs", 0)), (432, (0, 0, 0)), (433, (-100, b"/", 0)), (428, (-100, b"/", 1)), (429, (-100, b"/", -100, b"/", 0)), (442, (-100, b"/", 0, None, 32))):
    r = libc.syscall(n, *a); print(n, r if r >= 0 else errno.errorcode[ctypes.get_errno()])'
