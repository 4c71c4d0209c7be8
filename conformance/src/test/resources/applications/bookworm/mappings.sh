# Which mappings programs have, line by line, and what the tools say that show them.
show() { grep -v -e vvar -e vdso | awk '{print $2, $3, $6}'; }
cat /proc/self/maps | show
perl -e 'open F, "/proc/self/maps"; print <F>' | show
python3 -c 'import ctypes, mmap, threading; print(open("/proc/self/maps").read(), end="")' | show | grep -v ' $'
cat /proc/self/smaps | grep VmFlags | sort | uniq -c | grep -v ' io '
bash -c 'ulimit -s 256; cat /proc/self/maps | tail -3' | show
lscpu | grep -v -e MHz -e BogoMIPS
lscpu -e
lscpu -C
nproc; taskset -p $$ | sed 's/.*: //'; chrt -p $$ | sed 's/.*: //'; getconf -a | grep -v AVPHYS | grep -e PAGE -e NPROC -e CLK -e IOV -e ARG_MAX
cat /proc/self/attr/current; ls /proc/self/attr
/usr/bin/python3 - <<'PY'
import os, resource
before = resource.getrusage(resource.RUSAGE_SELF)
data = bytearray(64 << 20)
for i in range(0, len(data), 4096): data[i] = 1
after = resource.getrusage(resource.RUSAGE_SELF)
print((after.ru_maxrss - before.ru_maxrss) >> 10 in (63, 64, 65), after.ru_minflt > before.ru_minflt)
def status(name):
    return int([l for l in open("/proc/self/status") if l.startswith(name + ":")][0].split()[1])
rss = status("VmRSS"); anonymous = status("RssAnon")
print(anonymous >> 10 in range(64, 80), rss > anonymous, status("VmHWM") >= rss, status("VmPeak") >= status("VmSize"))
pages = [int(n) for n in open("/proc/self/statm").read().split()]
print(abs(pages[1] * 4 - rss) < 1024, abs(pages[0] * 4 - status("VmSize")) < 1024)
del data
print(status("RssAnon") >> 10 < 16, status("VmHWM") >> 10 > 64)
pid = os.fork()
if pid == 0:
    bytearray(32 << 20); b = b"x" * (48 << 20); os._exit(0)
usage = os.wait4(pid, 0)[2]
print(usage.ru_maxrss >> 10 > 48, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss == usage.ru_maxrss)
def io(name): return int([l for l in open("/proc/self/io") if l.startswith(name + ":")][0].split()[1])
r, w = os.pipe()
a = io("wchar"), io("syscw"); os.write(w, b"12345"); b = io("wchar"), io("syscw"); print(b[0] - a[0], b[1] - a[1])
PY
