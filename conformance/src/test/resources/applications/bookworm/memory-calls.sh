# Limits, locks, promises and the forms of mremap, madvise and mincore, by a program that calls libc.
cat > /tmp/memory.py <<'PY'
import ctypes, errno, mmap, os, resource
libc = ctypes.CDLL(None, use_errno=True)
void, size = ctypes.c_void_p, ctypes.c_size_t
libc.mmap.restype = libc.mremap.restype = void
libc.mmap.argtypes = [void, size, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
libc.mremap.argtypes = [void, size, size, ctypes.c_int, void]
for f in (libc.munmap, libc.mlock, libc.munlock, libc.mprotect, libc.madvise, libc.msync, libc.mlock2):
    f.argtypes = [void, size, ctypes.c_int][:2 if f in (libc.munmap, libc.mlock, libc.munlock) else 3]
libc.mincore.argtypes = [void, size, ctypes.c_char_p]
P, RW, ANON, SHARED = 4096, 3, 0x22, 0x21
def e(r): return "ok" if r not in (-1, 2**64 - 1) else errno.errorcode[ctypes.get_errno()]
def m(n, prot=RW, flags=ANON, at=None): return libc.mmap(at, n, prot, flags, -1, 0)
def put(a, s): ctypes.memmove(a, s, len(s))
def get(a, n): return ctypes.string_at(a, n)
def field(name, file="status"):
    for line in open("/proc/self/" + file):
        if line.startswith(name + ":"): return line.split()[1]
def resident(a, n):
    v = ctypes.create_string_buffer(n // P)
    r = libc.mincore(a, n, v)
    return e(r) if r else "".join(str(b & 1) for b in v.raw)
def flags(a):
    on = False
    for line in open("/proc/self/smaps"):
        if line.startswith("%x-" % a): on = True
        if on and line.startswith("VmFlags"): return line.split(None, 1)[1].strip()

# mincore and madvise
a = m(64 * P) + 32 * P  # small ranges may get pages that are resident already
put(a + P, b"x" * (3 * P))
print(resident(a, 8 * P), resident(a, 9 * P) if libc.munmap(a + 8 * P, 24 * P) == 0 else "")
libc.madvise(a + 2 * P, P, 4)
print(resident(a, 8 * P), get(a + 2 * P, 2), get(a + 3 * P, 2))
for advice in list(range(0, 5)) + list(range(8, 12)) + list(range(16, 22)) + [22, 23, 24]:
    print(advice, e(libc.madvise(a, P, advice)), flags(a), end="; ")
print()
print(resident(a, 8 * P), e(libc.madvise(a + 1, P, 0)), e(libc.madvise(a, P, 77)), e(libc.madvise(0x1000, P, 0)))
# mremap
b = m(4 * P); put(b, b"head"); put(b + 3 * P, b"tail")
c = libc.mremap(b, 4 * P, 64 * P, 1, None)
print(get(c, 4), get(c + 3 * P, 4), get(c + 63 * P, 1))
print(e(libc.mremap(c, 64 * P, 2 * P, 0, None)), e(libc.mremap(c, 2 * P, 4 * P, 2, c + 64 * P)), e(libc.mremap(c, 0, P, 1, None)))
d = libc.mremap(c, 2 * P, 2 * P, 5, None)
print(get(d, 4), get(c, 4), e(libc.mremap(d, 2 * P, P, 5, None)))
s = m(2 * P, RW, SHARED); put(s, b"twin")
t = libc.mremap(s, 0, 2 * P, 1, None); put(t, b"TWIN")
print(get(s, 4), e(libc.mremap(s, 2 * P, 2 * P, 3, s + P)), e(libc.mremap(s + 1, P, P, 1, None)))
u = m(8 * P); libc.munmap(u, 8 * P)
print(libc.mremap(d, 2 * P, 2 * P, 3, u) == u, get(u, 4), e(libc.mremap(d, P, P, 1, None)))
# mmap's flags
print(e(m(P, RW, ANON | 0x100000, u)), e(m(P, RW, ANON | 0x40000)), e(m(P, RW, 0x20)), e(m(0)))
low = m(P, RW, ANON | 0x40); print(low < 1 << 31, e(m(1 << 47)), e(m(P, RW, SHARED | 0x100)))
# locks
resource.setrlimit(resource.RLIMIT_MEMLOCK, (64 * P, resource.getrlimit(resource.RLIMIT_MEMLOCK)[1]))
k = m(64 * P)
print(e(libc.mlock(k + 5, P)), field("VmLck"), resident(k, 4 * P), e(libc.mlock2(k + 8 * P, 2 * P, 1)), field("VmLck"), resident(k + 8 * P, 2 * P))
print(e(libc.madvise(k, P, 4)), e(libc.madvise(k, P, 24)), e(libc.madvise(k + 8 * P, P, 20)), e(libc.mlock2(k, P, 2)), flags(k), flags(k + 8 * P))
print(e(libc.msync(k, P, 2)), e(libc.msync(k, P, 4)), e(libc.msync(k, P, 5)), e(libc.msync(k, P, 8)), e(libc.msync(k + 1, P, 4)))
print(e(libc.munlock(k, 64 * P)), field("VmLck"), e(libc.munlock(k, 1 << 40)), e(libc.mlockall(0)), e(libc.mlockall(8)), e(libc.mlockall(4)))
pid = os.fork()
if pid == 0:
    os.setgid(1000); os.setuid(1000)
    print(e(libc.mlock(k, 32 * P)), field("VmLck"), e(libc.mlock(k, 64 * P + 1)), e(m(65 * P, RW, ANON | 0x2000)), e(libc.mlockall(3)), flush=True)
    print(e(libc.mlockall(2)), e(m(40 * P)), e(libc.munlockall()), e(m(40 * P)), field("VmLck"), flush=True)
    resource.setrlimit(resource.RLIMIT_MEMLOCK, (0, 0))
    print(e(libc.mlock(k, P)), e(m(P, RW, ANON | 0x2000)), e(libc.mlockall(2)), flush=True)
    os._exit(0)
os.waitpid(pid, 0)
# limits
def child(f):
    pid = os.fork()
    if pid == 0:
        f(); os._exit(0)
    print(os.waitpid(pid, 0)[1], flush=True)
def limited_space():
    total = int(field("VmSize")) * 1024
    resource.setrlimit(resource.RLIMIT_AS, (total + 16 * P, -1))
    print(e(m(8 * P)), e(m(64 * P)), e(m(64 * P, 0)), e(libc.mremap(k, 32 * P, 192 * P, 1, None)), flush=True)
def limited_data():
    resource.setrlimit(resource.RLIMIT_DATA, (int(field("VmData")) * 1024 + 16 * P, -1))
    r = m(64 * P, 1)
    print(e(m(8 * P)), e(m(64 * P)), e(m(64 * P, 1)), e(m(64 * P, RW, SHARED)), e(libc.mprotect(r, 64 * P, 3)), flush=True)
def limited_stack():
    resource.setrlimit(resource.RLIMIT_STACK, (1 << 20, -1))
    top = [l for l in open("/proc/self/maps") if "[stack]" in l][0].split("-")
    at = int(top[1].split()[0], 16) - (2 << 20)
    ctypes.memset(at, 0, 1)
child(limited_space); child(limited_data); child(limited_stack)
# what is promised
big = int([l for l in open("/proc/meminfo") if l.startswith("MemTotal")][0].split()[1]) * 1024
print(e(m(2 * big)), e(m(2 * big, 0)), e(m(2 * big, RW, ANON | 0x4000)))
before = int([l for l in open("/proc/meminfo") if l.startswith("Committed_AS")][0].split()[1])
m(512 << 20)
after = int([l for l in open("/proc/meminfo") if l.startswith("Committed_AS")][0].split()[1])
print(after - before > 400 << 10)
# fork
w = m(P); put(w, b"secret"); libc.madvise(w, P, 18)
n = m(32 * P); libc.madvise(n, P, 10)
sh = m(P, RW, SHARED); pr = m(P); put(pr, b"mine")
def forked():
    print(get(w, 6), resident(n, P), flush=True); put(sh, b"seen"); put(pr, b"lost")
child(forked)
print(get(sh, 4), get(pr, 4), get(w, 6))
# protection keys, which the processor need not have
print(e(libc.syscall(330, 1, 0)), e(libc.syscall(330, 0, 9)), e(libc.syscall(331, 5)), e(libc.syscall(329, void(w), P, 1, 5)))
PY
python3 -u /tmp/memory.py
