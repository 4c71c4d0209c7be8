echo $$ $PPID
ps -e -o pid,ppid,comm | head -n 1 | xargs
(exec -a renamed sleep 5) & sleep 0.5; tr '\0' ' ' < /proc/$!/cmdline; echo; kill $!; wait $! 2>/dev/null
setsid sh -c 'ps -o pid= -o sid= -o pgid= -p $$' | awk '{ print ($1 == $2), ($2 == $3) }'
nice -n 5 nice
timeout 0.1 sleep 5; echo "status $?"
env -i A=1 env
nproc > /dev/null; echo "status $?"
sh -c 'ulimit -f 1; dd if=/dev/zero of=/tmp/limit bs=1024 count=10' > /dev/null 2>&1; echo "status $?"
bash -c 'exec 3< /etc/passwd; read -r -u 3 line; echo "$line"'
sleep 5 & sleep 0.3; kill -STOP $!; sleep 0.3; sed -n 's|^State:.||p' /proc/$!/status; kill -CONT $!; kill $!; wait $! 2>/dev/null; echo "status $?"
umask; umask 027; mkdir /tmp/u; stat -c %a /tmp/u
cat /proc/sys/kernel/hostname; cat /proc/self/cgroup > /dev/null; echo "status $?"
grep -c '' /proc/self/maps > /dev/null; echo "status $?"
awk '{ print $2 }' /proc/mounts | grep -x -e / -e /proc | sort -u
