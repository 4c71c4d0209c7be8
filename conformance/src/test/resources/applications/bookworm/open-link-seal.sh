# SPDX-License-Identifier: Apache-2.0
# openat2, O_TMPFILE with linkat, renameat2, fallocate, seals.
python3 - <<'END'
import os, ctypes, struct, errno, mmap, fcntl, stat
libc=ctypes.CDLL(None,use_errno=True); libc.syscall.restype=ctypes.c_long
def call(n,*a):
    a=[x if not isinstance(x,int) else ctypes.c_long(x) for x in a]
    r=libc.syscall(n,*a)
    return r if r!=-1 else errno.errorcode[ctypes.get_errno()]
os.makedirs('/tmp/t',exist_ok=True); libc.mount(b'tmpfs',b'/tmp/t',b'tmpfs',0,b'size=10m'); os.chdir('/tmp/t')
def how(flags=0,mode=0,res=0): return struct.pack('QQQ',flags,mode,res)
def o2(path,flags=0,mode=0,res=0,size=24,dfd=-100,extra=b''):
    r=call(437,dfd,path,how(flags,mode,res)+extra,size)
    if isinstance(r,int):
        n=os.readlink('/proc/self/fd/%d'%r); os.close(r); return n
    return r
os.makedirs('d/e'); open('d/f','w').close(); os.symlink('/etc/passwd','d/abs'); os.symlink('../d/f','d/rel'); os.symlink('f','d/in'); os.symlink('/f','d/absin'); os.symlink('/proc/self/cwd','d/magic')
dfd=os.open('d',os.O_RDONLY)
NX,NM,NS,BE,IR,CA=1,2,4,8,16,32
for p in (b'f',b'../d/f',b'/etc/passwd',b'abs',b'rel',b'in',b'absin',b'magic',b'magic/d/f',b'e/..',b'..',b'e/../..',b'nonex',b'f/',b'/proc/self/exe'):
    print(p,[o2(p,res=r,dfd=dfd) for r in (0,NX,NM,NS,BE,IR)])
print(o2(b'f',res=64,dfd=dfd),o2(b'f',res=BE|IR,dfd=dfd),o2(b'f',size=23),o2(b'f',size=32,extra=b'\0'*8,dfd=dfd),o2(b'f',size=32,extra=b'\1'*8,dfd=dfd),o2(b'f',mode=1,dfd=dfd),o2(b'f',flags=1<<40,dfd=dfd),o2(b'g',flags=os.O_CREAT,mode=0o10000,dfd=dfd),o2(b'f',res=CA,dfd=dfd),o2(b'f',flags=os.O_TRUNC,res=CA,dfd=dfd),o2(b'f',flags=os.O_PATH|os.O_RDWR,dfd=dfd),o2(b'f',size=5000,dfd=dfd),o2(b'zz',flags=os.O_CREAT,mode=0o600,res=CA,dfd=dfd))
# O_TMPFILE and linkat
t=os.open('.',os.O_TMPFILE|os.O_RDWR,0o640); os.write(t,b'hi'); print(os.fstat(t).st_nlink,oct(os.fstat(t).st_mode)); print(libc.linkat(-100,b'/proc/self/fd/%d'%t,-100,b'linked',0x400),os.fstat(t).st_nlink,open('linked').read(),libc.linkat(t,b'',-100,b'l2',0x1000),os.fstat(t).st_nlink,libc.linkat(-100,b'/proc/self/fd/%d'%t,-100,b'l3',0))
x=os.open('.',os.O_TMPFILE|os.O_RDWR|os.O_EXCL,0o600); print(libc.linkat(-100,b'/proc/self/fd/%d'%x,-100,b'no',0x400),errno.errorcode[ctypes.get_errno()])
try: os.open('.',os.O_TMPFILE|os.O_RDONLY)
except OSError as e: print(e.strerror)
u=os.open('linked',0); os.unlink('linked'); os.unlink('l2'); print(os.fstat(u).st_nlink, libc.linkat(-100,b'/proc/self/fd/%d'%u,-100,b'back',0x400),errno.errorcode[ctypes.get_errno()])
# renameat2
rn=lambda a,b,f: call(316,-100,a,-100,b,f)
open('a','w').write('A'); open('b','w').write('B')
print(rn(b'a',b'b',1),rn(b'a',b'c',1),rn(b'c',b'b',2),open('c').read(),rn(b'c',b'none',2),rn(b'c',b'b',3),rn(b'c',b'w',4),os.path.exists('c') and (stat.S_ISCHR(os.lstat('c').st_mode),os.lstat('c').st_rdev,oct(os.lstat('c').st_mode)),rn(b'w',b'b',6),rn(b'w',b'b',5),rn(b'w',b'b',8))
# fallocate
f=os.open('fa',os.O_RDWR|os.O_CREAT); fa=lambda m,o,l: (call(285,f,m,o,l),os.fstat(f).st_size,os.fstat(f).st_blocks)
print(fa(0,0,8192),fa(1,8192,8192),fa(3,0,4096),fa(2,0,4096),fa(16,0,4096),fa(17,20000,100),fa(8,0,4096),fa(32,0,4096),fa(0,-1,1),fa(0,0,0),fa(0,1<<62,1<<62),fa(64,0,4096),fa(128,0,1),fa(0,0,20<<20))
os.pwrite(f,b'x'*8192,0); print(fa(3,100,200),os.pread(f,400,0).count(b'x'),fa(16,50,20))
# seals
def seal(fd,c,a=0):
    r=call(72,fd,c,a); return r
def mk(fl=2):
    fd=call(319,b'm',fl); os.ftruncate(fd,8192); return fd
m=mk(); print(seal(m,1034),seal(m,1033,2),seal(m,1034))
for op in (lambda:os.ftruncate(m,4096),lambda:os.ftruncate(m,16384),lambda:os.write(m,b'x')):
    try: op(); print('ok')
    except OSError as e: print(e.strerror)
m=mk(); mm=mmap.mmap(m,4096); print(seal(m,1033,8),seal(m,1033,16),seal(m,1034)); mm.close(); print(seal(m,1033,8),seal(m,1034))
try: mmap.mmap(m,4096)
except OSError as e: print(e.strerror)
p=mmap.mmap(m,4096,flags=mmap.MAP_PRIVATE); p[0]=1; print(p[0]); q=mmap.mmap(m,4096,prot=mmap.PROT_READ); print(libc.mprotect(ctypes.c_void_p(0),0,0) if False else 'r')
m=mk(); mm=mmap.mmap(m,4096); print(seal(m,1033,16)); mm[0]=7; print(mm[0])
try: os.write(m,b'x')
except OSError as e: print(e.strerror)
try: mmap.mmap(m,4096)
except OSError as e: print(e.strerror)
print(seal(m,1033,1),seal(m,1033,2),seal(m,1034),seal(m,1033,64),seal(mk(0),1034),seal(mk(0),1033,2),seal(f,1034),seal(f,1033,1)); ro=os.open('/proc/self/fd/%d'%mk(),0); print(seal(ro,1033,1)); e=mk(8|2); print(oct(os.fstat(e).st_mode),seal(e,1034),seal(e,1033,32),seal(e,1034))
try: os.fchmod(e,0o777)
except OSError as x: print(x.strerror)
END
