# Addresses, states, errors, events, control messages and accounts of UNIX sockets.
cat > /tmp/unix-sockets.py <<'EOF'
import socket, os, sys, errno, array, struct, select, tempfile, threading, signal, time
threading.Timer(12,lambda: (print("HANG"),os._exit(3))).start()
def err(f,*a):
    try: return f(*a)
    except OSError as e: return errno.errorcode.get(e.errno, e.errno)
U=socket.AF_UNIX; ST=socket.SOCK_STREAM; DG=socket.SOCK_DGRAM; SQ=socket.SOCK_SEQPACKET
d=tempfile.mkdtemp(); os.chdir(d)
P=select
def poll(s,ev=0xffff & ~0x20):
    p=select.poll(); p.register(s,0x3fff&~0x20); r=p.poll(0); return hex(r[0][1]) if r else '0'
for t in (ST,DG,SQ):
    print('== type',t)
    s=socket.socket(U,t)
    print('fresh poll',poll(s), err(s.getsockname), err(s.getpeername), err(s.shutdown,2))
    s=socket.socket(U,t)
    s.setblocking(False)
    print(err(s.recv,10), err(s.send,b'x'), err(s.listen,1), err(s.accept), err(s.sendto,b'x','nope'), err(s.connect,'nope'))
    print(err(s.bind,'nodir/x'), err(s.bind,'a%d'%t), err(s.bind,'b'), err(s.bind,'a%d'%t), s.getsockname())
    print(oct(os.stat('a%d'%t).st_mode), err(open,'a%d'%t), err(s.bind,b'\0abs'))
    s2=socket.socket(U,t); print(err(s2.bind,'a%d'%t), err(s2.bind,''), len(s2.getsockname()), s2.getsockname()[:1])
    print(err(s.listen,1), poll(s), s.getsockopt(1,30), err(s.connect,'a%d'%t) if t!=DG else 0)
    open('reg','w').close(); c=socket.socket(U,t); print('conn reg', err(c.connect,'reg'), err(c.connect,'/'), err(c.connect,'reg/x'), err(c.connect, b'\0none'))
    c=socket.socket(U,t); c.setblocking(False); print('connect', err(c.connect,'a%d'%t), poll(c), poll(s), err(c.connect,'a%d'%t), err(c.getpeername), c.getsockname()); t==DG and s.connect_ex(b'')
    if t!=DG:
        print('acc', [ (err(lambda: (lambda x: x[0])(socket.socket(U,t).__class__ and s.accept()))) and 1])
        cs=[]
        for i in range(5):
            k=socket.socket(U,t); k.setblocking(False); cs.append(k); print(err(k.connect,'a%d'%t),end=' ')
        print()
        a,_=s.accept(); print('peer of accepted',_, a.getsockname(), a.getpeername())
        k=cs[0]; k.send(b'hello'); print(a.recv(100), a.recv(1) if False else '')
        print('peercred', struct.unpack('3i',k.getsockopt(1,17,12))[0]==os.getpid(), struct.unpack('3i',a.getsockopt(1,17,12))[1:])
        k.send(b'abc'); print(a.recv(2,socket.MSG_PEEK), a.recvmsg(2), t==ST and a.recvmsg(10))
        k.shutdown(socket.SHUT_WR); print('half', poll(a), poll(k), a.recv(1), err(k.send,b'x')); a.send(b'zz'); print(k.recv(5))
        a.shutdown(socket.SHUT_WR); print(poll(a),poll(k));
        k.close(); print('closed', poll(a), err(a.send,b'1'), err(a.recv,1), err(a.getpeername))
        # reset with unread data
        k=cs[1]; a,_=s.accept(); k.send(b'unread'); a.send(b'to'); a.close(); print('reset', poll(k), err(k.recv,10), err(k.recv,10), err(k.recv,10), err(k.send,b'x'), k.getsockopt(1,4))
        s.close(); print('listener closed', [ (poll(x), err(x.recv,5), err(x.recv,5)) for x in cs[2:4]])
    else:
        c.send(b'one'); c.send(b'twotwo'); print(s.recvfrom(100), s.recvmsg(3))
        n=0
        while True:
            r=err(c.send,b'x')
            if r!=1: break
            n+=1
        print('qlen',n,r,poll(c), poll(s)); ep=select.epoll(); ep.register(c,select.EPOLLOUT|select.EPOLLET); print(ep.poll(0)); s.recv(1); print([e for f,e in ep.poll(0)], poll(c))
        o=socket.socket(U,t); o.bind(b'\0other'); o.setblocking(False);
        s.setblocking(False)
        try:
            while True: s.recv(1)
        except BlockingIOError: pass
        print(err(o.sendto,b'q','a2'), s.recvfrom(10));
        print('s connect c (unnamed)', err(s.connect,b'\0other'), err(c.send,b'x'), err(o.send,b'zz'), err(o.sendto,b'yy','a2'), s.recvfrom(5))
        print(err(s.sendto,b'zz',b'\0other'), o.recvfrom(5))
        os.unlink('a2'); print(err(o.sendto,b'q','a2')); s.close(); print(err(c.send,b'y'), err(c.send,b'y'), poll(c))
        a,b=socket.socketpair(U,DG); a.send(b''); print(b.recv(5)); b.shutdown(socket.SHUT_RD); print(err(a.send,b'x'), poll(b), poll(a), b.recv(4)); b.setblocking(False); print(err(b.recv,4)); b.close(); print(err(a.send,b'x'), err(a.send,b'x'))
    for f in os.listdir('.'): os.unlink(f)
print('== scm')
for t in (ST,DG,SQ):
    a,b=socket.socketpair(U,t)
    r,w=os.pipe()
    def sendfds(s,fds,data=b'd'): return err(s.sendmsg,[data],[(1,1,array.array('i',fds))])
    print(sendfds(a,[r,w]), sendfds(a,[99]), err(a.sendmsg,[b'x'],[(1,9,b'abcd')]), err(a.sendmsg,[b'x'],[(2,9,b'abcd')]), sendfds(a,[r]*254), sendfds(a,[r]*253))
    m=b.recvmsg(100,socket.CMSG_SPACE(8)); fds=array.array('i',m[1][0][2]); print(m[0],len(fds),m[2]); os.write(fds[1],b'hi'); print(os.read(r,5), os.get_inheritable(fds[0])); [os.close(f) for f in fds]
    if t!=ST: print(b.recv(5))
    else: print(b.recv(1))
    m=b.recvmsg(1,socket.CMSG_SPACE(8)); print(len(m[1][0][2])//4, hex(m[2])); [os.close(f) for f in array.array('i',m[1][0][2])]
    sendfds(a,[r]); print(b.recvmsg(1,socket.CMSG_SPACE(8)+3, socket.MSG_PEEK|socket.MSG_CMSG_CLOEXEC)[2:]);
    m=b.recvmsg(1,15); print(m[1:3])
    sendfds(a,[r]); m=b.recvmsg(1,20); print(len(m[1]),hex(m[2])); sendfds(a,[r]); m=b.recvmsg(1); print(hex(m[2]))
    sendfds(a,[]); print(b.recvmsg(1,100))
    # creds
    b.setsockopt(1,16,1); a.send(b'c'); m=b.recvmsg(10,100); print([(l,ty,struct.unpack('3i',x)[0]==os.getpid(),struct.unpack('3i',x)[1:]) for l,ty,x in m[1]], hex(m[2]))
    print(err(a.sendmsg,[b'k'],[(1,2,struct.pack('3i',os.getpid(),5,6))]), err(a.sendmsg,[b'k'],[(1,2,struct.pack('3i',1,5,6))]), err(a.sendmsg,[b'k'],[(1,2,struct.pack('3i',99999,5,6))]), err(a.sendmsg,[b'k'],[(1,2,struct.pack('3i',1,-1,6))]), err(a.sendmsg,[b'k'],[(1,2,b'1234')]))
    b.setblocking(False)
    try:
        while 1: m=b.recvmsg(10,100); print(m[0],[struct.unpack('3i',x)[1:] for l,ty,x in m[1]])
    except BlockingIOError: pass
    b.setsockopt(1,16,0); a.send(b'q'); b.setsockopt(1,16,1); m=b.recvmsg(10,100); print([struct.unpack('3i',x) for l,ty,x in m[1]])
    print(a.getsockname(), b.getsockname())
    a.close(); b.close()
a,b=socket.socketpair(); a.send(b'12'); sendfds(a,[r],b'3'); a.send(b'4'); print(b.recvmsg(10,100)[0], b.recvmsg(10,100)[0]);
print('waitall', end=' '); threading.Timer(0.1,lambda: a.send(b'world')).start(); a.send(b'hello'); print(b.recv(10,socket.MSG_WAITALL))
b.settimeout(None); b.setsockopt(1,20,struct.pack('2q',0,50000)); print(err(b.recv,5), b.getsockopt(1,20,16).hex()); print(err(b.setsockopt,1,20,struct.pack('2q',0,1000000)))
a.send(b'abcdef'); b.setsockopt(1,42,2); print(b.recv(2,2), b.recv(2,2), b.getsockopt(1,42), b.recv(3), b.getsockopt(1,42), err(b.recv,9,2))
print(err(socket.socket,U,4), err(socket.socket,U,ST,7), socket.socket(U,3).type, err(socket.socket,U,ST,1).proto)
s=socket.socket(U,ST); print([ (o,err(s.setsockopt,1,o,v), s.getsockopt(1,o)) for o,v in ((7,100),(7,10**9),(8,-1),(8,1),(2,5),(9,1),(18,0),(18,-1),(12,6),(12,7),(6,1),(15,1))])
print(err(s.setsockopt,1,13,struct.pack('ii',1,5)), s.getsockopt(1,13,8).hex(), err(s.setsockopt,1,13,struct.pack('i',1)), err(s.setsockopt,6,1,1), err(s.getsockopt,6,1), err(s.setsockopt,1,200,1), s.getsockopt(1,7,2))
print(os.readlink('/proc/self/fd/%d'%s.fileno())[:8], oct(os.fstat(s.fileno()).st_mode), err(os.open,'/proc/self/fd/%d'%s.fileno(),os.O_RDWR), err(os.lseek,s.fileno(),0,0))
os._exit(0)
EOF
python3 -u /tmp/unix-sockets.py
