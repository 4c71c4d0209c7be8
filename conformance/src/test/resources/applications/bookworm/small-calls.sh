# SPDX-License-Identifier: Apache-2.0
# Calls about priorities, clocks, sharing and administration.
python3 - <<'END'
import ctypes, os, struct, errno, signal, time, mmap, threading
libc=ctypes.CDLL(None,use_errno=True); libc.syscall.restype=ctypes.c_long
def call(n,*a):
    a=[x if not isinstance(x,int) else ctypes.c_long(x) for x in a]
    r=libc.syscall(n,*a)
    return r if r!=-1 else errno.errorcode[ctypes.get_errno()]
B=lambda n: ctypes.create_string_buffer(n)
def as_user(f):
    r,w=os.pipe(); pid=os.fork()
    if pid==0:
        os.setgroups([]); os.setgid(1000); os.setuid(1000); os.write(w,repr(f()).encode()); os._exit(0)
    os.waitpid(pid,0); os.close(w); d=os.read(r,4096).decode(); os.close(r); return d
# ioprio
print('ioprio',call(252,1,0),call(251,1,0,2<<13|5),call(252,1,0),call(252,1,99999),call(252,4,0),call(251,4,0,0),call(251,1,0,2<<13|8),call(251,1,0,3<<13),call(252,1,0),call(251,1,0,0<<13|3),call(251,1,0,7<<13),call(251,1,0,4<<13),call(251,1,0,1<<13|2),call(252,1,os.getpid()),call(252,2,0),call(251,1,0,0),call(252,1,0),call(252,3,0)>=0)
print('ioprio user',as_user(lambda:(call(251,1,0,1<<13),call(251,1,0,3<<13),call(252,1,0),call(251,1,1,3<<13),call(252,1,1),os.nice(10),call(251,1,0,0),call(252,1,0))))
# sched attr
def ga(pid=0,size=56,flags=0):
    b=B(64); r=call(315,pid,b,size,flags); return r if r!=0 else struct.unpack('IIQiIQQQ',b.raw[:48])
def sa(policy,prio=0,nice=0,size=48,flags=0,pid=0,f2=0,rt=0,dl=0,pe=0):
    return call(314,pid,struct.pack('IIQiIQQQII',size,policy,flags,nice,prio,rt,dl,pe,0,0)+b'\0'*100,f2)
print('attr',ga(),ga(0,48),ga(0,47),ga(0,4097),ga(99999),ga(-1),ga(0,56,1),call(315,0,0,48,0),call(315,0,8,48,0))
print(sa(0,nice=5),ga()[:5],sa(0,nice=50),ga()[3],sa(0,nice=0),sa(3,nice=3),ga()[:5],sa(5),ga()[:5],sa(0),sa(1,prio=0),sa(1,prio=100),sa(0,prio=1),sa(9),sa(-1&0xffffffff),sa(0,size=47),sa(0,size=0),sa(0,size=4097),sa(0,f2=1),sa(0,flags=1<<40),sa(0,pid=-1),sa(0,pid=99999),call(314,0,0,0),call(314,0,8,0))
print(sa(1,prio=10),ga()[:5],call(145,0),sa(2,prio=99,flags=1),ga()[:5],call(145,0)&0xffffffff)
pid=os.fork()
if pid==0: print('child',ga()[:5],call(145,0),flush=True); os._exit(0)
os.waitpid(pid,0); print(sa(0),ga()[:5],sa(0,flags=1),call(145,0)&0xffffffff, sa(0), call(145,0))
print('user',as_user(lambda:(sa(1,prio=1),sa(0,nice=5),sa(0,nice=4),sa(0,nice=5),sa(5),sa(0,nice=5),sa(0,pid=1),ga(1)[:4],call(144,0,1,struct.pack('i',1)),call(144,1,0,struct.pack('i',0)),call(142,0,struct.pack('i',0)))))
# kcmp
d=os.dup(1); e=os.open('/dev/null',0); me=os.getpid()
k=lambda t,a=0,b=0,p=me,q=me: call(312,p,q,t,a,b)
print('kcmp',k(0,1,d),k(0,1,e) in (1,2),k(0,1,e)+k(0,e,1),k(0,1,99),k(0,99,1),[k(t) for t in range(1,7)],k(8),k(-1),k(1,p=99999))
pid=os.fork()
if pid==0: time.sleep(5); os._exit(0)
print([k(t,q=pid) in (1,2) for t in range(1,6)],k(0,1,1,q=pid),k(6,q=pid)); os.kill(pid,9); os.waitpid(pid,0)
print('kcmp user',as_user(lambda:(k(1),k(1,p=os.getpid(),q=os.getpid()))))
# capability calls
def priv():
    return dict(syslog=(call(103,10,0,0)>0 if isinstance(call(103,10,0,0),int) else call(103,10,0,0),call(103,99,0,0),call(103,0,0,0),call(103,1,0,0),call(103,2,0,-1),call(103,8,0,0),call(103,8,0,9)),
      vhangup=call(153) if os.getuid() else None, reboot=call(169,1,2,3,0) if os.getuid() else None, initm=call(175,0,0,0), finit=call(313,-1,0,0), delm=call(176,b'x',0), swapon=call(167,b'/nonex',0) if os.getuid() else None, swapoff=call(168,b'/nonex') if os.getuid() else None, acct=call(163,b'/nonex') if os.getuid() else None, kexec=call(246,0,0,0,0) if os.getuid() else None,
      settime=call(227,0,struct.pack('qq',-1,0)),settod=call(164,struct.pack('qq',0,10**7),0),mono=call(227,1,struct.pack('qq',1,0)), sett2=call(227,99,struct.pack('qq',1,0)), sethost=call(170,b'x',1) if os.getuid() else None, chroot=call(161,b'/nonex'),mount=call(165,b'x',b'/nonex',b'tmpfs',0,0),umount=call(166,b'/nonex',0),pivot=call(155,b'/nonex',b'/nonex'))
print('root',priv()); print('user',as_user(priv))
t=B(208); r=call(159,t); f=struct.unpack_from('I4xqqqqi4xqqq',t.raw); print('adjtimex',r in (0,5),f[0],f[6],f[7],struct.unpack_from('q',t.raw,88))
print(call(305,0,B(208)) in (0,5),call(305,1,B(208)),call(305,99,B(208)),call(159,0),call(159,8));
tt=bytearray(208); struct.pack_into('I',tt,0,2); print('user',as_user(lambda:(call(159,bytes(tt)),call(305,0,bytes(tt)),call(159,B(208)) in (0,5))))
# getcpu, sysinfo
c=B(4); n=B(4); print('getcpu',call(309,c,n,0),struct.unpack('I',c.raw)[0]<os.cpu_count(),struct.unpack('I',n.raw),call(309,0,0,0),call(309,8,0,0))
print('setfs',call(122,5),call(122,-1&0xffffffff),call(122,0),call(123,7),call(123,-1&0xffffffff),call(123,0)); print(as_user(lambda:(call(122,5),call(122,0xffffffff),call(123,1000),call(123,0))))
# sync family
fd=os.open('/tmp/x',os.O_RDWR|os.O_CREAT); os.write(fd,b'x'*10000); r,w=os.pipe()
print('sfr',[call(277,fd,0,0,fl) for fl in (0,1,2,4,7,8)],call(277,fd,-1,1,0),call(277,fd,0,-1,0),call(277,w,0,0,0),call(277,99,0,0,0),call(277,fd,1<<62,1<<62,0))
print('ra',call(187,fd,0,100),call(187,r,0,1),call(187,w,0,1),call(187,99,0,1),call(187,os.open('/tmp',0),0,1))
print('fadv',[call(221,fd,0,0,x) for x in range(-1,8)],call(221,fd,0,-1,0),call(221,r,0,0,0),call(221,99,0,0,0),call(221,fd,-5,10,3))
print('membarrier',bin(call(324,0,0)&0x27f),[call(324,c,0) for c in (1,2,4,8,16,32,64)],call(324,8,0),call(324,32,0),call(324,0,1),call(324,3,0))
END
