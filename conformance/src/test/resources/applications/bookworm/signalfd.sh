# SPDX-License-Identifier: Apache-2.0
# signalfd: whose signals, in which order, and what is told of them.
python3 - <<'END'
import ctypes, os, struct, errno, signal, select, threading, time, fcntl
libc=ctypes.CDLL(None,use_errno=True)
def call(n,*a):
    r=libc.syscall(n,*a)
    return r if r>=0 else errno.errorcode[ctypes.get_errno()]
def S(*s):
    v=0
    for x in s: v|=1<<(x-1)
    return ctypes.byref(ctypes.c_uint64(v))
def show(fd,n=1024):
    try: b=os.read(fd,n)
    except OSError as e: print('   ',e.strerror); return
    for i in range(0,len(b),128):
        f=struct.unpack_from('IiiIIiIIIIiiQQQQH',b,i)
        f=list(f)
        if f[3]: f[3]='pid' if f[3] in(os.getpid(),) else 'other'
        if f[0]==signal.SIGCHLD: f[13]=f[14]=0
        print('   ',f)
R=signal.SIGRTMIN
signal.pthread_sigmask(signal.SIG_BLOCK,[signal.SIGUSR1,signal.SIGUSR2,signal.SIGCHLD,R,R+1,signal.SIGALRM,signal.SIGTERM])
print(call(289,-1,S(10),4,0),call(289,-1,0,8,0),call(289,-1,S(10),8,1),call(289,99,S(10),8,0),call(289,0,S(10),8,0))
fd=call(289,-1,S(10,12,17,R,14,9,19),8,0x800|0x80000)
print(os.readlink('/proc/self/fd/%d'%fd),oct(fcntl.fcntl(fd,3)),fcntl.fcntl(fd,1))
print([l for l in open('/proc/self/fdinfo/%d'%fd) if 'sigmask' in l])
show(fd)
os.kill(os.getpid(),10); os.kill(os.getpid(),10); os.kill(os.getpid(),12); signal.pthread_kill(threading.get_ident(),10)
p=select.poll(); p.register(fd,0x3ff); print([e for f,e in p.poll(0)])
show(fd)
for i in range(3):
    call(129,os.getpid(),R,struct.pack('iiiiiiQ',0,0,-1,0,os.getpid(),os.getuid(),100+i).ljust(128,b'\0'))
call(129,os.getpid(),R+1,struct.pack('iiiiiiQ',0,0,-1,0,os.getpid(),os.getuid(),7).ljust(128,b'\0'))
show(fd,256); show(fd,100); show(fd)
c=os.fork()
if c==0: os._exit(3)
p.poll(5000); show(fd); os.waitpid(c,0)
c=os.fork()
if c==0: os.kill(os.getpid(),9)
p.poll(5000); show(fd); os.waitpid(c,0)
signal.setitimer(signal.ITIMER_REAL,0.02); p.poll(5000); show(fd)
print(call(289,fd,S(R+1),8,0)==fd); show(fd)
# blocking read woken by other thread
os.set_blocking(fd,True)
print(call(282,fd,S(10),8)==fd)
t=threading.Thread(target=lambda:(time.sleep(0.05),os.kill(os.getpid(),10))); t.start(); show(fd); t.join()
# epoll
ep=select.epoll(); ep.register(fd,select.EPOLLIN); print(ep.poll(0)); os.kill(os.getpid(),10); print(len(ep.poll(1))); show(fd); print(ep.poll(0))
# thread-directed signal seen only by its thread
ev=threading.Event(); ev2=threading.Event()
def th():
    ev.wait(); print('thread sees',len(select.select([fd],[],[],0)[0])); show(fd); ev2.set()
t=threading.Thread(target=th); t.start(); signal.pthread_kill(t.ident,10); print('main sees',len(select.select([fd],[],[],0)[0])); ev.set(); ev2.wait(); t.join()
# fork: child reads its own
os.kill(os.getpid(),10)
c=os.fork()
if c==0:
    os.set_blocking(fd,False); show(fd); os._exit(0)
os.waitpid(c,0);
show(fd)
# EINTR / restart on other signal
signal.signal(signal.SIGVTALRM,lambda *a:print('handler'))
os.set_blocking(fd,True)
t=threading.Timer(0.05,lambda:signal.pthread_kill(threading.main_thread().ident,signal.SIGVTALRM)); t.start()
t2=threading.Timer(0.3,lambda:os.kill(os.getpid(),10)); t2.start()
show(fd); print(call(1,fd,b'x',1))
END
