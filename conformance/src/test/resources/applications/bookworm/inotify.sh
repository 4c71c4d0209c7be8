# SPDX-License-Identifier: Apache-2.0
# inotify: the events of each change, in order.
python3 - <<'END'
import re, ctypes, os, struct, errno, sys, fcntl, mmap
libc=ctypes.CDLL(None,use_errno=True)
NAMES={1:'ACCESS',2:'MODIFY',4:'ATTRIB',8:'CLOSE_WRITE',16:'CLOSE_NOWRITE',32:'OPEN',64:'MOVED_FROM',128:'MOVED_TO',256:'CREATE',512:'DELETE',1024:'DELETE_SELF',2048:'MOVE_SELF',0x2000:'UNMOUNT',0x4000:'OVERFLOW',0x8000:'IGNORED',0x40000000:'ISDIR'}
ONLYDIR=0x1000000;DONT_FOLLOW=0x2000000;EXCL=0x4000000;MCREATE=0x10000000;MADD=0x20000000;ONESHOT=0x80000000
def call(n,*a):
    r=getattr(libc,n)(*a)
    return r if r>=0 else errno.errorcode[ctypes.get_errno()]
def add(fd,p,m=0xfff): return call('inotify_add_watch',fd,p.encode(),ctypes.c_uint32(m))
fd=call('inotify_init1',0x800)
cookies={}
def drain(tag,fd=None):
    fd=fd if fd is not None else globals()['fd']
    out=[]
    while True:
        try: b=os.read(fd,65536)
        except BlockingIOError: break
        except OSError as e: out.append(str(e)); break
        i=0
        while i<len(b):
            wd,m,c,l=struct.unpack_from('iIII',b,i); name=b[i+16:i+16+l].rstrip(b'\0').decode();
            out.append('%d %s%s%s'%(wd,'|'.join(v for k,v in NAMES.items() if m&k),' c%d'%cookies.setdefault(c,len(cookies)) if c else '',' %s/%d'%(name,l) if l else ''))
            i+=16+l
    print(tag+':'); out=[re.sub(r'#[0-9]+/[0-9]+','#N',o) for o in out]
    for o in out: print('   ',o)
cookies[0]=0
d='/tmp/ino'; os.makedirs(d+'/sub'); os.chdir(d)
print('wd',add(fd,d),add(fd,d+'/sub'),add(fd,d))
open('f','w').close(); drain('create')
with open('f','w') as f: f.write('hello')
drain('write')
open('f').read(); drain('read')
open('f').read(3); drain('read3')
print(add(fd,'f'));
open('f','a').write('x'); drain('append both')
os.chmod('f',0o600); drain('chmod')
os.chmod('f',0o600); drain('chmod same')
os.chown('f',-1,-1); drain('chown -1')
os.chown('f',0,0); drain('chown 0')
os.utime('f'); drain('utime')
os.utime('f',(1,2)); drain('utime2')
os.truncate('f',3); drain('trunc')
with open('f','r+') as f: f.truncate(1)
drain('ftruncate')
os.link('f','g'); drain('link')
os.symlink('f','s'); drain('symlink')
os.readlink('s'); os.stat('f'); os.listdir('.'); drain('stat, listdir')
os.rename('f','f2'); drain('rename')
os.rename('f2','sub/f3'); drain('rename dir')
os.rename('g','sub/f3'); drain('rename same inode')
os.unlink('g'); drain('unlink g')
open('h','w').close(); drain('mk h')
os.rename('h','sub/f3'); drain('rename over watched')
os.mkdir('d1'); drain('mkdir'); print(add(fd,'d1'))
os.mkdir('d1/x'); drain('mkdir in'); os.rmdir('d1/x'); drain('rmdir in')
os.rename('d1','sub/d2'); drain('mvdir')
os.rmdir('sub/d2'); drain('rmdir watched')
f=open('t','w'); print(add(fd,'t')); drain('t'); os.unlink('t'); drain('unlink open'); f.write('x'); f.flush(); drain('write unlinked'); os.fchmod(f.fileno(),0o600); drain('fchmod unlinked'); f.close(); drain('close unlinked')
f=open('t','w'); print(add(fd,d,0xfff|EXCL)); drain('t excl'); os.unlink('t'); f.write('x'); f.close(); drain('unlinked excl')
print(add(fd,d,0xfff))
open('u','w').close(); print(add(fd,'u')); drain('u'); os.unlink('u'); drain('unlink watched')
os.mkfifo('p'); drain('fifo'); a=os.open('p',os.O_RDONLY|os.O_NONBLOCK); b=os.open('p',os.O_WRONLY); os.write(b,b'x'); os.read(a,5); os.close(a); os.close(b); drain('fifo io')
os.mknod('n'); drain('mknod')
fdn=os.open('n',os.O_RDWR); os.pwrite(fdn,b'abc',1); os.pread(fdn,2,0); drain('pread pwrite'); os.lseek(fdn,0,0); os.ftruncate(fdn,4096); m=mmap.mmap(fdn,4096); m[0]=1; m.close(); drain('mmap'); os.posix_fallocate(fdn,0,8192); drain('falloc'); os.close(fdn); drain('close rdwr')
open('q','w').write('data'*10)
a=os.open('q',0); b=os.open('n',1); drain('open'); os.sendfile(b,a,0,10); drain('sendfile'); os.copy_file_range(a,b,5); drain('cfr'); os.close(a); os.close(b); drain('cl')
os.setxattr('q','user.a',b'b'); drain('setxattr'); os.removexattr('q','user.a'); drain('rmxattr')
a=os.open('.',os.O_TMPFILE|os.O_RDWR);
print(libc.linkat(-100,b'/proc/self/fd/%d'%a,-100,b'tmpl',0x400)); os.close(a)
drain1=None
import re
a=os.open('q',os.O_PATH); os.close(a);
drain('x')
os.open('q',os.O_RDONLY|os.O_TRUNC|os.O_WRONLY); drain('open trunc')
# exchange
open('e1','w').close(); open('e2','w').close(); print(add(fd,'e1'),add(fd,'e2')); drain('e')
print(libc.syscall(316,-100,b'e1',-100,b'e2',2)); drain('exchange')
# errors
print(add(fd,'nonex'), add(fd,'q',0), add(fd,'q',ONLYDIR|2), add(fd,'q',MADD|MCREATE|2), add(fd,'e1',MCREATE|2), add(0,'q',2), add(99,'q',2), add(fd,'q',0x10000))
print(call('inotify_rm_watch',fd,77),call('inotify_rm_watch',0,1),call('inotify_rm_watch',99,1), call('inotify_init1',4))
w=add(fd,'q',2); print('q', w, add(fd,'q',1|MADD)); open('q','w').write('1'); open('q').read(); drain('masks'); print(call('inotify_rm_watch',fd,w)); drain('rm'); print(call('inotify_rm_watch',fd,w))
w=add(fd,'q',32|ONESHOT); print(w); open('q').close(); open('q').close(); drain('oneshot')
print(add(fd,'s',0xfff|DONT_FOLLOW)); os.rename('s','s2'); drain('symlink watch')
open('q').close()
n=ctypes.c_int(); print(libc.ioctl(fd,0x541b,ctypes.byref(n)),n.value)
try: os.read(fd,16)
except OSError as e: print(e)
print(len(os.read(fd,40)))
drain('rest')
for l in open('/proc/self/fdinfo/%d'%fd).read().split('\n'):
    if l.startswith('inotify'): print(re.sub('(ino|sdev):[0-9a-f]+',r'\1',l).split('fhandle')[0].rstrip())
print(os.readlink('/proc/self/fd/%d'%fd), fcntl.fcntl(fd,fcntl.F_GETFL))
fd2=call('inotify_init1',0x800); add(fd2,d,0xfff); os.chmod('q',0o644); os.chmod('q',0o644); drain('two',fd2); drain('two')
for i in range(16384//2+5): os.chmod('q',0o644); os.utime('n')
b=b'';
import collections
cnt=0
while True:
    try: b=os.read(fd2,65536)
    except BlockingIOError: break
    i=0
    while i<len(b):
        wd,m,c,l=struct.unpack_from('iIII',b,i); i+=16+l; cnt+=1; last=(wd,m)
print(cnt,last)
os.chmod('q',0o600); drain('after overflow', fd2)
os.close(fd2)
fds=[]
while True:
    r=call('inotify_init1',0)
    if isinstance(r,str): break
    fds.append(r)
print(len(fds),r)
for x in fds: os.close(x)
# What unmounting tells.
libc=ctypes.CDLL(None,use_errno=True)
os.makedirs('/tmp/m',exist_ok=True); print(libc.mount(b'none',b'/tmp/m',b'tmpfs',0,0)); os.mkdir('/tmp/m/d')
fd=libc.inotify_init1(0x800); print(libc.inotify_add_watch(fd,b'/tmp/m',2),libc.inotify_add_watch(fd,b'/tmp/m/d',2),libc.inotify_add_watch(fd,b'/tmp',2)); print(libc.umount2(b'/tmp/m',0))
b=os.read(fd,4096); print(sorted(struct.unpack_from('iIII',b,i) for i in range(0,len(b),16)))
print(libc.inotify_rm_watch(fd,1),libc.inotify_rm_watch(fd,3))
END
