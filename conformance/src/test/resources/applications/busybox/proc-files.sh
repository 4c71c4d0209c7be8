# busybox reads /proc in its own ways.
sleep 71 & first=$!
until grep -qs sleep /proc/$first/comm; do :; done
ps | awk 'NR == 1 || /sleep 71$/' | sed "s/ *$first /P /"
ps -o pid,ppid,user,stat,args | awk '/sleep 71$/ { print $2, $3, $4, $5 }'
pidof sleep | wc -w
top -bn1 | awk '/sleep 71$/ { print $3, $4, $NF }'
free | awk '{ print $1, NF }'; uptime | sed 's/[0-9][0-9:.]*/N/g; s/ up .*,  load/ up, load/'
mount | grep -c ' on /proc type proc '; df /proc | tail -1 | awk '{ print $1, $NF }'
hostname; nproc; cat /proc/sys/kernel/ostype; sysctl kernel.ostype
ls -l /proc/self/fd/0 /proc/self/exe </dev/null | awk '{ print $1, $NF }'
cat /proc/$first/limits | head -3; cat /proc/uptime | wc -w
kill $first; wait $first; echo $?; test -d /proc/$first || echo gone
dd if=/proc/version bs=5 count=1 2>/dev/null; echo; dd if=/proc/version bs=1 skip=6 count=7 2>/dev/null; echo
tail -c 3 /proc/self/maps | wc -c; wc -c </proc/self/comm; cat /proc/self/comm /proc/self/comm
find /proc/sys/kernel/random | sort | head -4; ls -d /proc/1 /proc/self /proc/thread-self
readlink /proc/self/ns/uts | sed 's/[0-9]\+/N/'; test /proc/1/ns/mnt -ef /proc/self/ns/mnt && echo same
