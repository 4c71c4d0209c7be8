# SPDX-License-Identifier: Apache-2.0
# Futexes that are locks, waits for several words, futexes with a size.
python3 - <<'END'
import ctypes, os, struct, errno, signal, time, mmap, threading
libc=ctypes.CDLL(None,use_errno=True); libc.syscall.restype=ctypes.c_long
def call(n,*a):
    a=[x if not isinstance(x,int) else ctypes.c_long(x) for x in a]
    r=libc.syscall(n,*a)
    return r if r!=-1 else errno.errorcode[ctypes.get_errno()]
m=mmap.mmap(-1,4096); A=ctypes.addressof(ctypes.c_char.from_buffer(m)); w=(ctypes.c_uint32*64).from_address(A)
P=128
def fx(i,op,val=0,ts=0,i2=None,v3=0): return call(202,A+4*i,op,val,ts,A+4*i2 if i2 is not None else 0,v3)
tid=threading.get_native_id
def abst(d,clk=time.CLOCK_REALTIME): t=time.clock_gettime(clk)+d; return struct.pack('qq',int(t),int(t%1*1e9))
LOCK,UNLOCK,TRY,WRQ,CRQ,LOCK2=6,7,8,11,12,13
def run(f):
    r=[]; t=threading.Thread(target=lambda:r.append(f())); t.start(); t.r=r; return t
def res(t): t.join(); return t.r[0]
def until(f):
    for _ in range(2000):
        if f(): return True
        time.sleep(0.002)
    return False
print(fx(0,UNLOCK),fx(0,LOCK),w[0]==tid(),fx(0,LOCK),fx(0,TRY),fx(0,LOCK2|P),fx(0,UNLOCK),w[0],fx(0,TRY|P),fx(0,UNLOCK|P),w[0])
print(call(202,A+1,LOCK,0,0,0,0),call(202,8,LOCK,0,0,0,0),call(202,8,UNLOCK,0,0,0,0),call(202,A+2,UNLOCK,0,0,0,0))
w[0]=0x3ffffff; print(fx(0,LOCK),hex(w[0]),fx(0,TRY)); w[0]=0
fx(0,LOCK); t=run(lambda:(fx(0,TRY),fx(0,UNLOCK),fx(0,LOCK),w[0]&0x3fffffff==tid(),bool(w[0]>>31),fx(0,UNLOCK)))
time.sleep(0.1); print(until(lambda:w[0]>>31),fx(0,1,1),fx(0,UNLOCK),res(t),w[0])
fx(0,LOCK); print(res(run(lambda:(fx(0,LOCK,0,abst(0.02)),fx(0,LOCK2,0,abst(0.02,time.CLOCK_MONOTONIC)),fx(0,LOCK2|256,0,abst(0.02)),fx(0,LOCK|256,0,abst(0.02)),fx(0,LOCK,0,8),fx(0,LOCK,0,struct.pack('qq',0,10**9))))),hex(w[0]>>28)); print(fx(0,UNLOCK),w[0])
# deadlock of two
fx(0,LOCK);
def other():
    fx(1,LOCK); a=fx(0,LOCK); r=(a,fx(1,UNLOCK),fx(0,UNLOCK)); return r
t=run(other); until(lambda:w[0]>>31); print(fx(1,LOCK),fx(0,UNLOCK),res(t),w[0],w[1])
# owner died by process exit, without robust list
pid=os.fork()
if pid==0: fx(0,LOCK); time.sleep(0.2); os._exit(0)
until(lambda:w[0]); print(fx(0,LOCK),hex(w[0]&0xc0000000),w[0]&0x3fffffff==tid(),fx(0,UNLOCK),w[0]); os.waitpid(pid,0)
pid=os.fork()
if pid==0: fx(0,LOCK); os._exit(0)
os.waitpid(pid,0); print(w[0]==pid,fx(0,LOCK)); w[0]=0
# order of waiters
fx(0,LOCK); order=[]
def grab(n):
    fx(0,LOCK); order.append(n); fx(0,UNLOCK)
ts=[]
for n in range(4):
    t=threading.Thread(target=grab,args=(n,)); t.start(); ts.append(t); time.sleep(0.05)
fx(0,UNLOCK); [t.join() for t in ts]; print(order,w[0])
# requeue to lock
print(fx(2,WRQ,1,0,3,0),fx(2,WRQ,0,0,2,0),fx(2,WRQ,0,abst(0.02,time.CLOCK_MONOTONIC),3,-1),fx(2,CRQ,0,1,3,0),fx(2,CRQ,1,1,2,0),fx(2,CRQ,1,1,3,5),fx(2,CRQ,1,1,3,0),fx(2,CRQ,1,-1,3,0))
got=[]
def waiter(n):
    r=fx(2,WRQ,0,0,3,-1); got.append((n,r,w[3]&0x3fffffff==tid())); time.sleep(0.02); fx(3,UNLOCK)
ts=[threading.Thread(target=waiter,args=(n,)) for n in range(3)]
for t in ts: t.start(); time.sleep(0.05)
print(fx(2,1,1),fx(2,3,1,1,4),fx(2,CRQ,1,5,4,0)); fx(3,LOCK); print(fx(2,CRQ,1,9,3,0),got); fx(3,UNLOCK); [t.join() for t in ts]; print(got,w[3])
got=[]; ts=[threading.Thread(target=waiter,args=(n,)) for n in range(3)]
for t in ts: t.start(); time.sleep(0.05)
print(fx(2,CRQ,1,0,3,0)); time.sleep(.1); print(fx(2,CRQ,1,5,3,0)); [t.join() for t in ts]; print(got,w[3])
# waitv and futex2
def wv(*ws): return b''.join(struct.pack('QQII',v,A+4*i,f,0) for i,v,f in ws)
print(call(449,wv((5,0,2)),1,0,struct.pack('qq',0,1),1),call(449,wv((5,1,2)),1,0,0,0),call(449,wv((5,0,2),(6,1,2)),2,0,0,0),call(449,wv((5,0,2)),0,0,0,0),call(449,wv((5,0,2)),129,0,0,0),call(449,wv((5,0,2)),1,1,0,0),call(449,wv((5,0,0)),1,0,0,0),call(449,wv((5,0,2|16)),1,0,0,0),call(449,wv((5,1<<32,2)),1,0,0,0),call(449,wv((5,0,2)),1,0,struct.pack('qq',0,1),7),call(449,8,1,0,0,0))
t=run(lambda:call(449,wv((5,0,2),(6,0,2|P),(7,0,2)),3,0,0,0)); time.sleep(.05); print(fx(6,1,1),fx(6,1|P,1),res(t),fx(7,1,9))
t=run(lambda:call(449,wv((5,0,2),(6,0,2)),2,0,abst(5),0)); time.sleep(.05); print(call(454,A+20,0xffffffff,1,2),res(t))
print(call(454,A+20,0,1,2),call(454,A+20,1<<32,1,2),call(454,A+20,1,0,2),call(454,A+20,1,1,0),call(454,A+21,1,1,2),call(454,A+20,1,5,2))
print(call(455,A+20,1,1,2,0,1),call(455,A+20,0,0,2,0,1),call(455,A+20,0,1,2,abst(0.01,time.CLOCK_MONOTONIC),1),call(455,A+20,0,1,2,abst(0.01),0),call(455,A+20,0,1,2,abst(0.01),5),call(455,A+20,1<<33,1,2,0,0))
t=run(lambda:call(455,A+20,0,2,2|P,0,0)); time.sleep(.05); print(call(454,A+20,1,1,2|P),call(454,A+20,2,1,2|P),res(t))
t=run(lambda:call(455,A+20,0,2,2,0,0)); time.sleep(.05); print(call(456,wv((5,0,2),(6,0,2)),0,0,1),call(456,wv((5,1,2),(6,0,2)),0,0,1),call(456,wv((5,0,2),(6,0,2)),1,0,1),call(456,wv((5,0,2),(6,0,2)),0,-1,1),fx(5,1,1),fx(6,1,1),res(t))
END
