# SPDX-License-Identifier: Apache-2.0
# POSIX message queues and their file system.
python3 - <<'END'
import ctypes, os, struct, errno, signal, time, threading, select, fcntl, subprocess
libc=ctypes.CDLL(None,use_errno=True); libc.syscall.restype=ctypes.c_long
def call(n,*a):
    a=[x if not isinstance(x,int) else ctypes.c_long(x) for x in a]
    r=libc.syscall(n,*a)
    return r if r!=-1 else errno.errorcode[ctypes.get_errno()]
R,W,RW,C,X,NB=0,1,2,0o100,0o200,0o4000
def at(m,s,f=0): return struct.pack('8q',f,m,s,0,0,0,0,0)
def op(n,f,m=0o600,a=0): return call(240,n,f,m,a)
def snd(q,t,p=0,ts=0): return call(242,q,t,len(t),p,ts)
def rcv(q,n=8192,ts=0):
    b=ctypes.create_string_buffer(max(n,1)); p=ctypes.c_uint(99); r=call(243,q,b,n,ctypes.byref(p),ts)
    return r if isinstance(r,str) else (b.raw[:r],p.value)
def ga(q,new=0):
    b=ctypes.create_string_buffer(64); r=call(245,q,new,b); return r if r!=0 else struct.unpack('4q',b.raw[:32])
def abst(d): t=time.time()+d; return struct.pack('qq',int(t),int(t%1*1e9))
print(op(b'q',R),op(b'/q',C|RW),op(b'.',C|RW),op(b'a/b',C|RW),op(b'',C|RW),op(b'x'*256,C|RW),op(8,C|RW),op(b'q',C|RW,0o600,8))
print(op(b'q',C|RW,0o600,at(0,10)),op(b'q',C|RW,0o600,at(10,0)),op(b'q',C|RW,0o600,at(65537,1)),op(b'q',C|RW,0o600,at(1,(16<<20)+1)))
q=op(b'q',C|RW|X,0o777); print(isinstance(q,int),ga(q),op(b'q',C|RW|X),fcntl.fcntl(q,1),fcntl.fcntl(q,3)&0o4003,oct(os.fstat(q).st_mode),os.fstat(q).st_size)
print(snd(q,b'a',1),snd(q,b'b',5),snd(q,b'c',1),snd(q,b'd',5),snd(q,b'e',32768),snd(q,b'f',-1),snd(q,b'x'*8193),snd(99,b'x'),snd(0,b'x'),call(242,q,8,1,0,0),ga(q)[3])
print(os.pread(q,100,0)); print(rcv(q,8191),rcv(q),rcv(q),rcv(q),rcv(q),rcv(q,8192,struct.pack('qq',0,1)),rcv(q,8192,abst(0.02)),rcv(q,8192,struct.pack('qq',0,10**9)),rcv(q,8192,8))
r=op(b'q',R|NB); w=op(b'q',W); print(rcv(r),snd(r,b'x'),rcv(w),snd(w,b''),rcv(r))
p=select.poll(); p.register(q,0xfff); print([hex(e) for f,e in p.poll(0)])
for i in range(10): snd(q,b'%d'%i,i%3)
print([hex(e) for f,e in p.poll(0)],snd(q,b'late',0,abst(0.02)),ga(q,at(5,5,NB)),ga(q,at(1,1,1)),snd(q,b'late'),ga(q)[0],[rcv(r) for _ in range(11)])
ga(q,at(0,0,0))
t=threading.Thread(target=lambda:(time.sleep(0.05),snd(w,b'wake',7))); t.start(); print(rcv(q)); t.join()
# notify
def ev(how=0,sig=10,val=77): return struct.pack('qii48x',val,sig,how)
signal.pthread_sigmask(signal.SIG_BLOCK,[10])
print(call(244,q,ev(5)),call(244,q,ev(0,65)),call(244,0,ev()),call(244,q,8),call(244,q,0),call(244,q,ev()),call(244,q,ev()),os.pread(q,100,0)[:40].split()[1:3])
snd(q,b'1'); si=signal.sigtimedwait([10],1); print(si.si_signo,si.si_code,si.si_pid==os.getpid()); snd(q,b'2'); print(signal.sigtimedwait([10],0.02)); print(rcv(q),rcv(q))
print(call(244,q,ev(1)),call(244,q,ev()),snd(q,b'x'),rcv(q),call(244,q,ev()));
t=threading.Thread(target=lambda:rcv(q)); t.start(); time.sleep(.05); snd(w,b'y'); t.join(); print(signal.sigtimedwait([10],0.02));
pid=os.fork()
if pid==0: os._exit(0 if call(244,q,ev())=='EBUSY' else 1)
print(os.waitpid(pid,0)[1]); d=os.dup(q); os.close(d); print(call(244,q,ev()),call(244,q,0))
def as_user(f):
    rr,ww=os.pipe(); pid=os.fork()
    if pid==0:
        os.setgroups([]); os.setgid(1000); os.setuid(1000); os.write(ww,repr(f()).encode()); os._exit(0)
    os.waitpid(pid,0); os.close(ww); dd=os.read(rr,4096).decode(); os.close(rr); return dd
print(as_user(lambda:(op(b'q',R),call(241,b'q'),isinstance(op(b'u',C|RW),int),call(241,b'u'),op(b'u',C|RW,0o600,at(11,10)),op(b'u',C|RW,0o600,at(10,8193)))))
print(call(241,b'none'),call(241,b'q'),op(b'q',R),snd(q,b'still'),rcv(q)); [os.close(x) for x in (q,r,w)]
for i in range(3): os.close(op(b'n%d'%i,C|RW))
os.makedirs('/tmp/mq',exist_ok=True); print(libc.mount(b'mqueue',b'/tmp/mq',b'mqueue',0,0)); print(sorted(os.listdir('/tmp/mq')),open('/tmp/mq/n1').read(),oct(os.stat('/tmp/mq').st_mode)); os.unlink('/tmp/mq/n1'); open('/tmp/mq/new','w').close(); print(sorted(os.listdir('/tmp/mq')),op(b'n1',R),[l.split()[2:4] for l in open('/proc/mounts') if 'mqueue' in l]);
try: os.mkdir('/tmp/mq/d')
except OSError as e: print(e.strerror)
n=[]
while True:
    x=op(b'm%d'%len(n),C|RW,0o600,at(10,8192))
    if isinstance(x,str): break
    n.append(x)
print(len(n)>=5,x); print(open('/proc/sys/fs/mqueue/msg_max').read())
END
