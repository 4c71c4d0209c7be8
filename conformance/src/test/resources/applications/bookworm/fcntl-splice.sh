# SPDX-License-Identifier: Apache-2.0
# Signals of files, directory notification, record locks, tee, vmsplice, splice.
python3 - <<'END'
import os, fcntl, struct, errno, signal, time, ctypes, socket, termios, array, re, select
libc=ctypes.CDLL(None,use_errno=True); libc.syscall.restype=ctypes.c_long
def call(n,*a):
    a=[x if not isinstance(x,int) else ctypes.c_long(x) for x in a]
    r=libc.syscall(n,*a)
    return r if r!=-1 else errno.errorcode[ctypes.get_errno()]
def fc(fd,c,a=0): return call(72,fd,c,a)
SETOWN,GETOWN,SETSIG,GETSIG,SETEX,GETEX=8,9,10,11,15,16
ASYNC=0o20000
me=os.getpid()
def ex(fd):
    b=ctypes.create_string_buffer(8); r=fc(fd,GETEX,b); return r if r else struct.unpack('ii',b.raw)
r,w=os.pipe()
print(fc(r,GETOWN),ex(r),fc(r,GETSIG),fc(r,SETOWN,me),fc(r,GETOWN)==me,ex(r)==(1,me),fc(r,SETOWN,99999),fc(r,SETOWN,-99999),fc(r,SETOWN,0),fc(r,GETOWN),fc(r,SETOWN,-os.getpgrp()),ex(r)==(2,os.getpgrp()))
print(fc(r,SETSIG,65),fc(r,SETSIG,-1),fc(r,SETSIG,64),fc(r,GETSIG),fc(r,SETSIG,0),fc(r,SETEX,struct.pack('ii',3,me)),fc(r,SETEX,struct.pack('ii',-1,me)),fc(r,SETEX,struct.pack('ii',0,99999)),fc(r,SETEX,8),fc(r,SETEX,struct.pack('ii',0,me)),ex(r)==(0,me))
R=signal.SIGRTMIN+1
signal.pthread_sigmask(signal.SIG_BLOCK,[signal.SIGIO,R])
def got(t=0.3):
    s=signal.sigtimedwait([signal.SIGIO,R],t)
    return s and (s.si_signo,s.si_code,s.si_band)
def alls():
    o=[]
    while True:
        g=got(0.02)
        if g is None: return o
        o.append(g)
print(fc(r,4,fc(r,3)|ASYNC),oct(fc(r,3)),got(0.02)); os.write(w,b'x'); print(alls()); os.write(w,b'y'); print(alls()); os.read(r,10); print(alls())
fc(r,SETSIG,R); os.write(w,b'z'); print(alls()); fc(r,4,fc(r,3)&~ASYNC); os.write(w,b'z'); print(alls());
fc(w,SETOWN,me); fc(w,4,ASYNC|1); fcntl.fcntl(w,1031,4096); os.read(r,4096); os.write(w,b'q'*4096); print(alls()); os.read(r,4096); print(alls())
fc(r,4,ASYNC); os.close(w); print(alls())
os.close(r); r,w=os.pipe(); fc(r,SETOWN,me); print(libc.ioctl(r,0x5452,ctypes.byref(ctypes.c_int(1))),oct(fc(r,3))); os.write(w,b'a'); print(alls(),libc.ioctl(r,0x5452,ctypes.byref(ctypes.c_int(0))),oct(fc(r,3)))
f=open('/tmp/f','w+'); print(libc.ioctl(f.fileno(),0x5452,ctypes.byref(ctypes.c_int(1))),fc(f.fileno(),4,ASYNC|2),oct(fc(f.fileno(),3)))
c=os.fork()
if c==0:
    signal.pthread_sigmask(signal.SIG_BLOCK,[signal.SIGIO]); fc(r,SETOWN,me); os._exit(0)
os.waitpid(c,0); fc(r,SETOWN,c); print(fc(r,GETOWN)==c)
# dnotify
os.makedirs('/tmp/dn',exist_ok=True); d=os.open('/tmp/dn',0)
print(fc(f.fileno(),1026,4),fc(d,1026,4|8|2)); open('/tmp/dn/a','w').close(); print(alls()); open('/tmp/dn/b','w').close(); print(alls()); print(fc(d,1026,(-2**31)|4|8)); fc(d,SETSIG,R); open('/tmp/dn/c','w').close(); print(alls()); os.unlink('/tmp/dn/c'); print(alls()); os.mkdir('/tmp/dn/sub'); print(alls()); print(fc(d,1026,0)); os.rmdir('/tmp/dn/sub'); print(alls())
print(fc(f.fileno(),1025),fc(r,1025))
# locks
def lk(fd,t,s=0,l=0,cmd=6): return call(72,fd,cmd,struct.pack('hhqqi4x',t,0,s,l,0))
g=open('/tmp/g','w+'); fd=f.fileno(); gd=g.fileno()
print(lk(fd,1,0,10),lk(fd,0,100,5))
rr,ww=os.pipe()
c=os.fork()
if c==0:
    print('child',lk(fd,1,0,1),lk(gd,1),flush=True); os.write(ww,b'x'); x=lk(fd,1,0,5,7); print('child got',x,flush=True); os._exit(0)
os.read(rr,1); time.sleep(0.1); print('dead',lk(gd,1,0,0,7)); lk(fd,2); os.waitpid(c,0)
def locks():
    for l in open('/proc/locks'):
        p=l.split(); print('  ',' '.join(p[1:4]),p[4]==str(me),p[5].split(':')[2]==str(os.fstat(fd).st_ino),p[6:])
lk(fd,1,0,10); fcntl.flock(g,fcntl.LOCK_EX); locks(); lk(fd,2);
h=open('/tmp/f','r+'); print(lk(h.fileno(),0,5,10,37)); locks(); fcntl.flock(g,8); h.close(); print(open('/proc/locks').read())
# three in a circle
fs=[open('/tmp/l%d'%i,'w+') for i in range(3)]
ps=[]
for i in range(3):
    c=os.fork()
    if c==0:
        signal.alarm(20); lk(fs[i].fileno(),1); os.write(ww,b'.'); time.sleep(0.2+i*0.1); x=lk(fs[(i+1)%3].fileno(),1,0,0,7); time.sleep(0.1); os._exit(1 if x=='EDEADLK' or x=='EDEADLOCK' else 0)
    ps.append(c)
print(sum(os.waitstatus_to_exitcode(os.waitpid(c,0)[1]) for c in ps))
# tee, vmsplice
def fill(s):
    a,b=os.pipe(); os.write(b,s); return a,b
a,b=fill(b'hello world'); c,d2=os.pipe()
print(call(276,a,d2,5,0),os.read(c,100),call(276,a,d2,100,0),os.read(c,100),os.read(a,100),call(276,a,d2,5,2),call(276,a,d2,0,0),call(276,a,b,5,0),call(276,b,d2,5,0),call(276,a,c,5,0),call(276,fd,d2,5,0),call(276,a,fd,5,0),call(276,99,d2,5,0),call(276,a,d2,5,16))
os.close(b); print(call(276,a,d2,5,0))
def iov(*s):
    global keep; keep=[ctypes.create_string_buffer(x,len(x)) for x in s]; return b''.join(struct.pack('QQ',ctypes.addressof(k),len(k)) for k in keep)
a,b=os.pipe(); print(call(278,b,iov(b'abc',b'defg'),2,0),os.read(a,100),call(278,b,iov(b'x'),1,32),call(278,b,0,0,0),call(278,b,8,1,0),call(278,fd,iov(b'x'),1,0),call(278,99,iov(b'x'),1,0))
os.write(b,b'0123456789'); v=iov(b'....',b'......'); print(call(278,a,v,2,0),[k.raw for k in keep],call(278,a,v,2,2))
fcntl.fcntl(b,1031,4096); print(call(278,b,iov(b'y'*5000),1,2)>0,call(278,b,iov(b'y'*5000),1,2)); os.close(a); signal.signal(signal.SIGPIPE,signal.SIG_IGN); print(call(278,b,iov(b'z'),1,0))
# splice in all directions
x=open('/tmp/sp','w+b'); x.write(b'A'*100); x.flush(); x.seek(0); a,b=os.pipe(); off=ctypes.c_int64(10)
sp=lambda i,io,o,oo,n,fl=0: call(275,i,io,o,oo,n,fl)
print(sp(x.fileno(),0,b,0,20),os.lseek(x.fileno(),0,1),sp(x.fileno(),ctypes.byref(off),b,0,5),off.value,sp(a,0,x.fileno(),ctypes.byref(off),25),off.value,os.lseek(x.fileno(),0,1),sp(x.fileno(),0,fd,0,5),sp(a,ctypes.byref(off),x.fileno(),0,1),sp(a,0,b,0,5),sp(a,0,x.fileno(),0,5,2),sp(x.fileno(),0,b,0,0),sp(x.fileno(),0,b,0,5,64),sp(99,0,b,0,5))
os.lseek(x.fileno(),0,2); print(sp(x.fileno(),0,b,0,5)); s1,s2=socket.socketpair(); s1.send(b'sock'); print(sp(s2.fileno(),0,b,0,100),os.read(a,10)); os.write(b,b'to sock'); print(sp(a,0,s1.fileno(),0,100),s2.recv(100)); ap=os.open('/tmp/sp',os.O_WRONLY|os.O_APPEND); os.write(b,b'1'); print(sp(a,0,ap,0,5)); c,d2=os.pipe(); print(sp(a,0,d2,0,5),os.read(c,5))
print(os.sendfile(s1.fileno(),x.fileno(),0,7),s2.recv(10),call(40,ap,x.fileno(),0,5),call(40,b,x.fileno(),ctypes.byref(ctypes.c_int64(95)),50),os.read(a,100))
# EMFILE before creation
import resource
resource.setrlimit(resource.RLIMIT_NOFILE,(64,64)); held=[]
try:
    while True: held.append(os.open('/dev/null',0))
except OSError as e: print(e.errno)
try: os.open('/tmp/never',os.O_CREAT|os.O_WRONLY)
except OSError as e: print(e.errno,os.path.exists('/tmp/never'))
END
