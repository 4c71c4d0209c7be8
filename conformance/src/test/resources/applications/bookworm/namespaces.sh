unshare -Urpf --mount-proc bash -c '
id; echo $$; ps ax -o pid=,stat=,comm= | grep -v " ps$" | sed "s,^ *,,"
cat /proc/self/uid_map /proc/self/setgroups; grep -E "NS|Uid|Groups" /proc/self/status
stat -c %u:%g /etc/shadow /; touch /tmp/x; stat -c %u:%g /tmp/x; chown 1 /tmp/x; echo $?
kill -9 1; echo alive
(sleep 100 & ); ps -e -o pid=,ppid=,comm= | grep sleep | sed "s,^ *[0-9]* *,,"'
echo status $?
unshare -p -f bash -c 'echo $$ $PPID; sleep 50 & kill -TERM $$; echo still'; echo status $?
unshare -p -f bash -c 'bash -c "kill -KILL 1; echo \$?"; kill -9 -1; sleep 100 & exit 3'; echo status $?
unshare -u sh -c 'hostname foo; hostname; cat /proc/sys/kernel/hostname'; hostname
unshare -U id
unshare -U sh -c 'cat /proc/self/uid_map; setpriv --reuid 5 true; echo $?; stat -c %u:%g /'
unshare -U sh -c 'unshare -u true; unshare -U true; echo $?; hostname x'
unshare -p true; unshare -p -f --kill-child sh -c 'readlink /proc/1/exe >/dev/null; [ $$ = 1 ] && echo first'
unshare -p -u -f --fork bash -c 'sleep 100 & echo $! > /tmp/inner; wait' & outer=$!
until [ -s /tmp/inner ]; do sleep 0.02; done
child=$(cat /proc/$outer/task/$outer/children); child=${child% }
grep NSpid /proc/$child/status | sed s/$child/CHILD/
nsenter -t $child -p -u sh -c 'hostname inside; hostname; [ $$ -lt 10 ] && echo small'
nsenter -t $child -p readlink /proc/self >/dev/null; echo $?
[ "$(readlink /proc/$child/ns/uts)" != "$(readlink /proc/self/ns/uts)" ] && echo differ
[ "$(readlink /proc/$child/ns/user)" = "$(readlink /proc/self/ns/user)" ] && echo same
kill -TERM $child; kill -KILL $child; wait $outer; echo status $?
