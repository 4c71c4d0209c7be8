# SPDX-License-Identifier: Apache-2.0
# Capabilities that the attribute security.capability of a program gives.
python3 - <<'END'
import os, shutil, struct, subprocess, ctypes
libc=ctypes.CDLL(None)
os.makedirs('/tmp/c',exist_ok=True); os.chmod('/tmp/c',0o755)
shutil.copy('/bin/grep','/tmp/c/g'); os.chmod('/tmp/c/g',0o755)
def setcap(p,i,e,rev=2,root=0):
    b=struct.pack('<I',(rev<<24)|e)+struct.pack('<IIII',p&0xffffffff,i&0xffffffff,p>>32,i>>32)
    if rev==3: b+=struct.pack('<I',root)
    os.setxattr('/tmp/c/g','security.capability',b)
def run(nnp=False,uid=1000,drop=None,inh=None):
    r,w=os.pipe(); pid=os.fork()
    if pid==0:
        os.dup2(w,1); os.dup2(w,2)
        if drop is not None: libc.prctl(24,drop,0,0,0)
        if nnp: libc.prctl(38,1,0,0,0)
        if uid: os.setgroups([]); os.setgid(uid); os.setuid(uid)
        try: os.execv('/tmp/c/g',['g','-E','^(Cap|NoNew)','/proc/self/status'])
        except OSError as e: os.write(1,e.strerror.encode())
        os._exit(1)
    os.close(w); out=b''
    while True:
        d=os.read(r,4096)
        if not d: break
        out+=d
    os.waitpid(pid,0); os.close(r)
    return [l.split()[1].lstrip('0') or '0' for l in out.decode().split('\n')[:-1] if not l.startswith('CapBnd')] or out.decode()
print(run())
setcap(1<<13,0,1); print(run(),run(nnp=True),run(drop=13))
setcap(1<<13,0,0); print(run(),run(drop=13))
setcap(0,1<<13,1); print(run())
setcap((1<<13)|(1<<34),0,1); print(run())
setcap(1<<13,0,1,3,0); print(run()); setcap(1<<13,0,1,3,5); print(run())
setcap(1<<13,0,1); os.chmod('/tmp/c/g',0o4755); print(run()); os.chmod('/tmp/c/g',0o755)
os.removexattr('/tmp/c/g','security.capability'); print(run())
print(len(run(uid=0)))
END
