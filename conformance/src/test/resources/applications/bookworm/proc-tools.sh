# Tools that read /proc and /sys: they must find what they need and print the same.
sleep 77 & first=$!; sleep 78 & second=$!
(cd /usr; exec sleep 79) & third=$!
settled() { until grep -qs "^Name:.sleep" /proc/$1/status && grep -qs "(sleeping)" /proc/$1/status; do :; done; }
settled $first; settled $second; settled $third
ps -o args= -p $first,$second,$third
ps -eo stat=,user=,comm= --sort=args | grep sleep
ps --ppid $$ -o args= | grep '^sleep'
pgrep -c sleep; pgrep -fxc 'sleep 78'; pidof sleep | wc -w
pwdx $third | cut -d: -f2
pmap -x $first | tail -1 | grep -c total
top -bn1 -p $first | tail -1 | awk '{ print $2, $3, $4, $8, $NF }'
ps -L -o nlwp=,comm= -p $first; ps -o ni=,cls=,pri=,tty= -p $first
pkill -fx 'sleep 78'; wait $second; echo status $?
kill $first $third; wait
renice -n 5 -p $$ >/dev/null; ps -o ni= -p $$
free | awk '{ print $1, NF }'; free -h >/dev/null && echo free
uptime | grep -c 'load average'; vmstat | head -1; vmstat -s | grep -c 'K '
sysctl kernel.hostname kernel.ostype vm.overcommit_memory net.core.somaxconn fs.protected_hardlinks 2>&1 | head -3
nproc; lscpu | grep -E '^(Architecture|CPU\(s\)|Vendor ID|Model name|Socket|Byte Order)' | tr -s ' '
findmnt -n -o TARGET,FSTYPE /proc; findmnt -n -o TARGET,FSTYPE,OPTIONS /sys | sed 's/ro.*/ro/'; mount | grep -c ' on /proc '
lsns -n -o TYPE -p $$ | sort; lslocks; lsipc -g >/dev/null && echo lsipc; prlimit --nofile --noheadings -p $$ | wc -w
taskset -pc $$ | cut -d: -f2; chrt -p $$ | cut -d: -f2
df /proc | tail -1 | awk '{ print $1, $2, $NF }'; stat -f -c '%T %s %b' /proc /sys
tail --pid=$$ -n1 -f /etc/hostname >/dev/null 2>&1 & sleep 0.3; kill $! && echo tail
find /proc/self/ -maxdepth 1 -name 'stat*' | sort; find /proc/1/task -maxdepth 1 | wc -l
cd /proc/self/fd && pwd -P | sed 's/[0-9]\+/N/'; cd /proc/$$/cwd && pwd -P | sed 's/[0-9]\+/N/'
perl -e '$0 = "renamed"; print `ps -o args= -p $$`'
