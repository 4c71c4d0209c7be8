cat > /tmp/nss.py <<'P'
import ctypes, errno, os, socket, struct, fcntl
libc = ctypes.CDLL(None, use_errno=True)
NEWUSER, NEWPID, NEWNET = 0x10000000, 0x20000000, 0x40000000
a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
for s in (a, b): s.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
def creds(s):
    d, anc, f, x = s.recvmsg(10, 100); return struct.unpack("iii", anc[0][2])
def send(s, t):
    try: s.sendmsg([b"x"], [(socket.SOL_SOCKET, 2, struct.pack("iii", *t))]); return "sent"
    except OSError as e: return errno.errorcode[e.errno]
def ioctl(s, c, arg):
    try: fcntl.ioctl(s, c, arg); return 0
    except OSError as e: return errno.errorcode[e.errno]
pid = libc.syscall(56, NEWPID | 17, 0, 0, 0, 0)
if pid == 0:
    print(os.getpid(), creds(b)); b.send(b"y"); print(send(b, (77, 0, 0)), send(b, (1, 5, 6)), flush=True); os._exit(0)
a.send(b"x"); os.waitpid(pid, 0)
c = creds(a); print(c[0] == pid, c[1:]); c = creds(a); print(c[0] == pid, c[1:])
lst = socket.socket(socket.AF_UNIX); lst.bind("\0name"); lst.listen()
r, w = os.pipe(); r2, w2 = os.pipe()
pid = libc.syscall(56, NEWPID | NEWUSER | NEWNET | 17, 0, 0, 0, 0)
if pid == 0:
    os.read(r, 1)
    try: socket.socket(socket.AF_UNIX).connect("\0name")
    except OSError as e: print("abstract", errno.errorcode[e.errno])
    print("own", os.getpid(), os.getuid(), creds(b)); b.send(b"z"); print(send(b, (1, 3, 0)), send(b, (1, 0, 0)))
    u = socket.socketpair()[0]; print(struct.unpack("iii", u.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)))
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    print(struct.unpack("H", fcntl.ioctl(s, 0x8913, b"lo".ljust(40, b"\0"))[16:18])[0] & 1, ioctl(s, 0x8914, b"lo".ljust(16, b"\0") + struct.pack("H", 0x49).ljust(24, b"\0")))
    t = socket.socket(); t.bind(("127.0.0.1", 80)); t.listen(); cl = socket.create_connection(("127.0.0.1", 80)); print("lo is up", t.accept()[1][0])
    print(socket.socket(socket.AF_INET, socket.SOCK_RAW, 1).type)
    os.system("ip link show lo | head -1 | cut -d: -f2,3"); os.write(w2, b"x"); os._exit(0)
open(f"/proc/{pid}/uid_map", "w").write("0 0 1"); open(f"/proc/{pid}/setgroups", "w").write("deny"); open(f"/proc/{pid}/gid_map", "w").write("0 0 1")
a.send(b"x"); os.write(w, b"x"); os.waitpid(pid, 0)
c = creds(a); print(c[0] == pid, c[1:])
x = socket.socket(socket.AF_UNIX); x.connect("\0name"); y = lst.accept()[0]
print(struct.unpack("iii", y.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0] == os.getpid())
p = os.fork()
if p == 0:
    os.setresuid(1000, 1000, 1000)
    try: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)
    except OSError as e: print(errno.errorcode[e.errno])
    print(libc.unshare(NEWUSER))
    try: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)
    except OSError as e: print("not in this network", errno.errorcode[e.errno])
    print(libc.unshare(NEWNET), socket.socket(socket.AF_INET, socket.SOCK_RAW, 1).type)
    os._exit(0)
os.waitpid(p, 0)
P
python3 -u -W ignore /tmp/nss.py
unshare -Urn sh -c 'ip link set lo up; ip -br addr; curl -s -o /dev/null http://127.0.0.1:1/; echo $?'; ip -br addr show lo
