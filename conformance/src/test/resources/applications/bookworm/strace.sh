# strace: options, events, what it makes of processes, threads and signals. Numbers that differ from
# run to run are taken out.
cd /tmp
normal() {
    sed -E 's/0x[0-9a-f]{5,}/ADDRESS/g; s/^[0-9]+ +//; s/pid +[0-9]+/pid N/; s/Process [0-9]+/Process N/
        s/si_pid=[0-9]+/si_pid=N/; s/si_[us]time=[^,}]*/time/g; s/= [0-9]{1,5}$/= NUMBER/
        s/[0-9]+ vars/VARS/; s/mode=S_IF[^}]*/MODE/; s/child_tidptr=.*/CHILD/; s/kill\([0-9]+/kill(N/; s/ += NUMBER/ = NUMBER/'
}
strace -o log -e trace=execve,openat,read,close,exit_group head -c 6 /etc/hostname
normal <log
together() {
    cat log.* | normal | sort
    rm log.*
}
strace -ff -o log -e trace=process -e signal=none sh -c '(exit 3); /bin/true; exec /bin/echo done'
together
strace -ff -o log -e trace=kill -e signal=SIGUSR1,SIGCHLD sh -c 'trap "echo got" USR1; kill -USR1 $$; true & wait'
together
sh -c 'strace -o log -e trace=none sh -c "kill -SEGV \$\$"' 2>/dev/null
echo "status $?"
normal <log
strace -e trace=openat -e inject=openat:error=EMFILE:when=2 -o log cat /etc/hostname
echo "status $?"
normal <log
strace -e trace=getppid -e inject=getppid:retval=77 -o log sh -c 'echo $PPID'
normal <log
strace -e trace=write -e inject=write:signal=SIGTERM:when=1 -o log sh -c 'echo one; echo two'
echo "status $?"
strace --seccomp-bpf -ff -e trace=execve -o log sh -c 'ls / >/dev/null; cat /etc/hostname'
together
strace -c -f -o log sh -c 'ls / >/dev/null'
sed -nE 's/.* (execve|exit_group|getdents64|wait4)$/\1/p' log | sort
cat >threads.py <<'P'
import os, threading
lock = threading.Lock()
def work():
    with lock:
        os.getppid()
threads = [threading.Thread(target=work) for _ in range(4)]
for t in threads: t.start()
for t in threads: t.join()
P
strace -ff -qq -o log -e trace=getppid python3 -S threads.py
together
sleep 100 &
target=$!
while ! grep -q '^State:.S' /proc/$target/status; do :; done
timeout -s INT 0.5 strace -o log -p $target 2>/dev/null
sed -E 's/[0-9]+/N/g; s/tv_nsec=N, N/N/' log
kill $target
wait $target
echo "status $?"
grep -c . log
strace -y -e trace=read -o log head -c 6 /etc/hostname
normal <log | grep hostname
strace -tt -T -e trace=close -o log true
sed -E 's/[0-9]+/N/g' log | sort -u
strace -k -e trace=getpid true 2>&1 | head -n 3
