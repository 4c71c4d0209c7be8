# SPDX-License-Identifier: Apache-2.0
# System V shared memory, semaphores and message queues; ipcs, ipcmk, ipcrm.
python3 - <<'END'
import ctypes, os, struct, errno, signal, time, mmap, re, subprocess
libc=ctypes.CDLL(None,use_errno=True)
libc.shmat.restype=ctypes.c_void_p; libc.shmat.argtypes=[ctypes.c_int,ctypes.c_void_p,ctypes.c_int]; libc.shmdt.argtypes=[ctypes.c_void_p]
libc.syscall.restype=ctypes.c_long
def call(n,*a):
    a=[x if not isinstance(x,int) else ctypes.c_long(x) for x in a]
    r=libc.syscall(n,*a)
    return r if r!=-1 else errno.errorcode[ctypes.get_errno()]
shmget=lambda k,s,f:call(29,k,s,f)
shmat=lambda i,a=0,f=0:call(30,i,a,f)
shmdt=lambda a:call(67,a)
shmctl=lambda i,c,b=0:call(31,i,c,b)
C=0o1000;X=0o2000;NW=0o4000
def st(i,c=2):
    b=ctypes.create_string_buffer(112); r=shmctl(i,c,b)
    if isinstance(r,str): return r
    k,u,g,cu,cg,m,seq=struct.unpack_from('iIIIIIH',b.raw); sz,at,dt,ct,cp,lp,na=struct.unpack_from('qqqqiiq',b.raw,48)
    me=os.getpid()
    return (r,hex(k&0xffffffff),u,g,cu,cg,oct(m),seq,sz,at>0,dt>0,ct>0,cp==me,lp==me,na)
print(shmget(1,0,C|0o600),shmget(1,100,0),shmget(1,-1,C))
i=shmget(0x1234,5000,C|X|0o640); print(i,shmget(0x1234,5000,C|X),shmget(0x1234,5001,0),shmget(0x1234,4000,0o600),st(i))
a=shmat(i); print(a%4096, st(i)); ctypes.memmove(a,b'hello',5)
b=shmat(i,0,0o10000); print(ctypes.string_at(b,5), st(i)[-1])
print([re.sub('^[0-9a-f-]+ ','',l) .split()[0:1]+l.split()[4:] for l in open('/proc/self/maps') if 'SYSV' in l])
pid=os.fork()
if pid==0:
    print('child',st(i)[-1]); ctypes.memmove(a,b'child',5); shmdt(a); print('child',st(i)[-1]); os._exit(0) if not print(end='',flush=True) else 0
os.waitpid(pid,0); print(ctypes.string_at(a,5),st(i)[-1])
pid=os.fork()
if pid==0:
    ctypes.memmove(b,b'x',1); os._exit(0)
print(os.waitpid(pid,0)[1])
print(shmdt(a+1),shmdt(a+4096),shmdt(a),shmdt(a),shmdt(12345),st(i)[-1])
free=mmap.mmap(-1,1<<20); base=ctypes.addressof(ctypes.c_char.from_buffer(free))
print(shmat(i,base+5),shmat(i,base),shmat(i,base+5,0o20000)==base, shmat(i,base,0o40000)==base, shmat(i,0,0o40000), shmat(i,base+5,0o60000)==base, st(i)[-1])
print(shmdt(base),st(i)[-1],shmat(77),shmat(-1),shmctl(i,99),shmctl(-1,2),shmctl(i,2,8),shmctl(i,1,8))
e=shmat(i,0,0o100000); print(isinstance(e,int)); shmdt(e)
print(shmctl(i,11),st(i)[6],shmctl(i,12),st(i)[6])
bb=ctypes.create_string_buffer(112); shmctl(i,2,bb); struct.pack_into('II',bb,4,33,34); struct.pack_into('I',bb,20,0o777777606); print(shmctl(i,1,bb),st(i))
print(open('/proc/sysvipc/shm').read().count('\n'))
print(shmctl(i,0),st(i),shmget(0x1234,1,0)); print(shmdt(b),st(i))
z=ctypes.create_string_buffer(72); print(shmctl(0,3,z),struct.unpack('9Q',z.raw)); z=ctypes.create_string_buffer(48); print(shmctl(0,14,z),struct.unpack('iqqqqq',z.raw)[:2])
ids=[shmget(0,4096,0o600) for _ in range(5)]; print(ids, st(2,13),st(63,13),st(2,15)); [shmctl(x,0) for x in ids]; print(shmget(0,4096,0o600)); print(shmctl(6,0))
# permissions
i=shmget(5,100,C|0o600)
def as_user(f):
    r,w=os.pipe(); pid=os.fork()
    if pid==0:
        os.setgroups([]); os.setgid(1000); os.setuid(1000); os.write(w,repr(f()).encode()); os._exit(0)
    os.waitpid(pid,0); os.close(w); d=os.read(r,4096).decode(); os.close(r); return d
print(as_user(lambda:(shmget(5,100,0),shmget(5,100,0o400),shmget(5,100,0o600),shmat(i),st(i),shmctl(i,0),shmctl(i,1,bb),shmctl(i,11),st(i&32767,15)[:2],st(i&32767,13))))
shmctl(i,0)
# ---- semaphores
semget=lambda k,n,f:call(64,k,n,f)
def ops(*o): return b''.join(struct.pack('HhH',*x) for x in o)
def semop(i,*o): return call(65,i,ops(*o),len(o))
def semctl(i,n,c,a=0): return call(66,i,n,c,a)
U=0o10000
print(semget(7,0,C),semget(7,-1,C),semget(7,32001,C),semget(7,1,0))
s=semget(7,3,C|0o600); print(s,semget(7,4,0),semget(7,2,0)==s,semget(7,0,0)==s,semget(7,3,C|X))
print([semctl(s,n,12) for n in range(4)],semctl(s,0,16,5),semctl(s,0,16,32768),semctl(s,0,16,-1),semctl(s,0,12),semctl(s,0,11)==os.getpid(),semctl(s,1,11))
print(semop(s,(0,-2,0)),semctl(s,0,12),semop(s,(0,-4,NW)),semop(s,(3,1,0)),semop(s,(0,0,NW)),semop(s,(1,0,NW)),semop(s),semop(99,(0,1,0)),semop(s,(0,32767,0)),semctl(s,0,12))
print(semop(s,(0,1,0),(1,-1,NW)),semctl(s,0,12),call(65,s,8,1),call(65,s,ops((0,0,0))*501,501),call(65,s,ops((1,0,0))*500,500))
ga=ctypes.create_string_buffer(6); print(semctl(s,0,13,ga),struct.unpack('3H',ga.raw)); print(semctl(s,0,17,struct.pack('3H',1,2,3)),semctl(s,0,17,struct.pack('3H',1,2,40000)),semctl(s,0,13,ga),struct.unpack('3H',ga.raw),semctl(s,0,13,8))
ts=struct.pack('qq',0,20000000); t=time.time(); print(call(220,s,ops((0,-5,0)),1,ts), time.time()-t>0.015, call(220,s,ops((0,-5,0)),1,struct.pack('qq',0,10**9)), call(220,s,ops((0,-5,0)),1,8))
def bg(f):
    pid=os.fork()
    if pid==0:
        try: r=f()
        except BaseException as e: r=e
        os._exit(r if isinstance(r,int) else {'EIDRM':100,'EINTR':101,'EAGAIN':102}.get(r,103))
    return pid
def wait(p): return os.waitstatus_to_exitcode(os.waitpid(p,0)[1])
def until(f):
    for _ in range(1000):
        if f(): return True
        time.sleep(0.005)
    return False
p=bg(lambda:semop(s,(0,-5,0))); print(until(lambda:semctl(s,0,14)==1),semctl(s,0,15)); print(semop(s,(0,4,0)),wait(p),semctl(s,0,12),semctl(s,0,11)==p)
semctl(s,0,16,2); p=bg(lambda:semop(s,(0,0,0))); print(until(lambda:semctl(s,0,15)==1)); q=bg(lambda:semop(s,(0,-1,0),(1,-9,0))); print(until(lambda:semctl(s,1,14)==1), semctl(s,0,14)); semop(s,(0,-2,0)); print(wait(p)); semop(s,(0,1,0)); semop(s,(1,7,0)); print(wait(q),[semctl(s,n,12) for n in range(3)])
# undo
semctl(s,0,17,struct.pack('3H',3,3,3))
p=bg(lambda:semop(s,(0,-2,U),(1,4,U)) or 0); print(wait(p),[semctl(s,n,12) for n in range(3)],semctl(s,0,11)==p)
p=bg(lambda:semop(s,(0,-3,U)) or (semctl(s,0,16,7) and 0)); print(wait(p),semctl(s,0,12))
p=bg(lambda:semop(s,(0,5,U)) or semop(s,(0,-10,0)) or 0); print(wait(p),semctl(s,0,12))
q=bg(lambda:semop(s,(2,-4,0))); until(lambda:semctl(s,2,14)==1); p=bg(lambda:semop(s,(2,-1,U)) or 0); print(wait(p)); semop(s,(2,1,0)); print(wait(q),semctl(s,2,12))
# EINTR, EIDRM
def intr():
    signal.signal(signal.SIGALRM,lambda *a:None); signal.siginterrupt(signal.SIGALRM,False); signal.setitimer(signal.ITIMER_REAL,0.05); return semop(s,(2,-1,0))
print(wait(bg(intr)))
p=bg(lambda:semop(s,(2,-1,0))); until(lambda:semctl(s,2,14)==1);
sb=ctypes.create_string_buffer(104); print(semctl(s,0,2,sb)); f=struct.unpack_from('iIIIIIH',sb.raw)+struct.unpack_from('QQQQQ',sb.raw,48); print(f[0:6],f[7]>0,f[9]>0,f[11])
print(semctl(s,0,0),wait(p),semctl(s,0,12),semctl(s,0,0))
z=ctypes.create_string_buffer(40); print(semctl(0,0,3,z),struct.unpack('10i',z.raw),semctl(0,0,19,z),struct.unpack('10i',z.raw))
s=semget(0,2,0o400); print(as_user(lambda:(semop(s,(0,1,0)),semop(s,(0,0,0)),semctl(s,0,12),semctl(s,0,16,1),semctl(s,0,0),semctl(s,0,13,ga),semctl(s,0,17,ga)))); semctl(s,0,0)
# ---- messages
msgget=lambda k,f:call(68,k,f)
def snd(i,t,b,f=0): return call(69,i,struct.pack('q',t)+b,len(b),f)
def rcv(i,n,t=0,f=0):
    b=ctypes.create_string_buffer(8+max(n,0)); r=call(70,i,b,n,t,f)
    return r if isinstance(r,str) else (struct.unpack_from('q',b.raw)[0],b.raw[8:8+r])
msgctl=lambda i,c,b=0:call(71,i,c,b)
print(msgget(9,0)); m=msgget(9,C|0o600); print(m)
print(snd(m,0,b'x'),snd(m,-1,b'x'),snd(m,1,b'x'*8193),snd(99,1,b''),call(69,m,8,1,0),snd(m,1,b''))
for t in (3,1,2,1,5): snd(m,t,b'm%d'%t)
print(rcv(m,10),rcv(m,10,2),rcv(m,10,-2),rcv(m,1,1),rcv(m,1,1,0o10000),rcv(m,10,3,0o20000),rcv(m,10,0,NW|0o40000),rcv(m,10,1,NW|0o40000),rcv(m,10,0,0o40000),rcv(m,10,9,NW),rcv(m,10,-9),rcv(m,10,0,NW),rcv(m,-1),rcv(-1,1))
n=0
while snd(m,1,b'z'*1000,NW)==0: n+=1
print(n,snd(m,1,b'z'*1000,NW)); p=bg(lambda:snd(m,2,b'late'*200)); time.sleep(.05); rcv(m,1000); print(wait(p));
mb=ctypes.create_string_buffer(120); print(msgctl(m,2,mb)); f=struct.unpack_from('QQQQQQii',mb.raw,48); print([x>0 for x in f[:3]],f[3:6],f[6]==p,f[7]==os.getpid())
while rcv(m,1000,0,NW)!='ENOMSG': pass
p=bg(lambda:rcv(m,100,7)[0]); q=bg(lambda:rcv(m,100,-5)[0]); r=bg(lambda:0 if rcv(m,1,9)=='E2BIG' else 1); time.sleep(.1); snd(m,9,b'abc'); snd(m,8,b'a'); snd(m,7,b'b'); snd(m,4,b'c'); print(wait(p),wait(q),wait(r),rcv(m,9),rcv(m,9))
p=bg(lambda:rcv(m,100)); time.sleep(.05); print(msgctl(m,0),wait(p),rcv(m,1))
z=ctypes.create_string_buffer(32); print(msgctl(0,3,z),struct.unpack('7iH2x',z.raw),msgctl(0,12,z),struct.unpack('7iH2x',z.raw))
os.close(1) if False else None
import sys; sys.stdout.flush()
os.system("ipcmk -M 8192 -p 0644; ipcmk -S 4; ipcmk -Q; ipcs | sed 's/0x[0-9a-f]*/KEY/'; ipcs -l; ipcs -u | sed 's/allocated.*//;s/resident.*//'; ipcs -m -i $(ipcs -m | awk 'NR==4{print $2}') | grep -v -e time -e cpid; ipcrm -m $(ipcs -m | awk 'NR==4{print $2}'); ipcrm -a; ipcs")
END
