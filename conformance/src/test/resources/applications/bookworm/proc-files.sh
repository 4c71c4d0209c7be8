# /proc as programs use it: what it says must have the same form as on Linux, and the same errors.
exec </dev/null
fields() { awk '{ print NF }' "$1"; }
mask() { sed 's/[0-9a-f][0-9a-f]*/N/g'; }
cd /usr/bin
echo "== names"; ls /proc/self/ns /proc/sysvipc
for f in cmdline comm environ exe fd fdinfo io limits maps mem mountinfo mounts net ns root stat statm status task; do
  stat -c '%n %A %h %s %U' /proc/self/$f
done | sed 's/^\(.*exe .*\) [0-9]* [0-9]* /\1 /; /\/fd /s/ [0-9]* root/ root/; /\(net\|task\) /s/ [0-9] [0-9] root/ root/'
echo "== formats"
for f in stat statm schedstat wchan oom_score_adj coredump_filter loginuid personality setgroups uid_map; do
  printf '%s: ' $f; cat /proc/self/$f | mask | tr '\t\n' '  '; echo
done | sed '/^stat:/s/(cat) [RS] [-N ]*/(cat) ../; s/loginuid:.*/loginuid/; s/wchan:.*/wchan/'
fields /proc/self/stat; fields /proc/uptime; fields /proc/loadavg; fields /proc/self/statm
cat /proc/self/limits | cut -c1-26,69-
cat /proc/self/io | mask
tr '\0' '|' </proc/self/cmdline; echo; (exec -a 'odd name' cat /proc/self/cmdline) | tr '\0' '|'; echo
env -i A=1 B=two cat /proc/self/environ | tr '\0' '|'; echo
grep -c ' r-xp .*/usr/bin/grep$' /proc/self/maps; grep -o '\[.*\]$' /proc/self/maps | grep -v '\[v' | sort
awk '$1 ~ /^[0-9a-f]+-[0-9a-f]+$/ && $2 ~ /^[r-][w-][x-][ps]$/ && $4 ~ /^..:..$/ { ok++ } END { print ok == NR }' /proc/self/maps
awk -F: '/^(Name|Umask|State|TracerPid|Uid|Gid|Threads|SigPnd|ShdPnd|SigBlk|SigCgt|CapInh|CapAmb|NoNewPrivs)/ { print }' /proc/self/status
echo "== links"
readlink /proc/self/exe /proc/self/cwd /proc/self/root /proc/mounts /proc/net
exec 5>/tmp/deleted 6</etc/passwd; rm /tmp/deleted
readlink /proc/$$/fd/5 /proc/$$/fd/6; stat -c '%A %s' /proc/$$/fd/5 /proc/$$/fd/6
echo through >/proc/self/fd/5; cat /proc/self/fd/5; head -1 /proc/self/fd/6
mask </proc/$$/fdinfo/6 | grep -v mnt_id
echo piped | cat /proc/self/fd/0; echo piped | readlink /proc/self/fd/0 | mask
echo a | tee /dev/stderr 2>&1; cat <(echo substituted); cat /dev/fd/3 3<<<here
readlink /proc/self/fd/99 || echo none
echo "== errors"
touch /proc/new; mkdir /proc/self/new; rm /proc/version; rmdir /proc/sys; mv /proc/version /proc/v; ln -s a /proc/a
echo x >/proc/version; echo x >/proc/self/stat; chmod 777 /proc/self/status
cat /proc/self/mem; cat /proc/self/fd; cat /proc/99999/stat; ls /proc/1x; echo 9999 >/proc/self/oom_score_adj
echo x >/proc/sys/kernel/ostype; echo junk >/proc/sys/vm/overcommit_memory
echo "== others"
sleep 60 & p=$!; disown $p; until grep -qs sleep /proc/$p/comm && grep -qs '(sleeping)' /proc/$p/status; do :; done
cat /proc/$p/comm /proc/$p/stat | sed 's/.*(sleep) S .*/stat of sleep/'; cat /proc/$$/task/$$/children | wc -w
tr '\0' ' ' </proc/$p/cmdline; echo; readlink /proc/$p/exe
exec 7</proc/$p/status; kill -9 $p; while grep -qs 'State:.[RSD]' /proc/$p/status; do :; done
cat <&7; ls /proc/$p 2>/dev/null || echo gone
echo renamed >/proc/$$/comm; echo self >/proc/self/comm; cat /proc/$$/comm
setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all bash -c "cat /proc/1/environ; ls /proc/1/fd; readlink /proc/1/exe || echo no; cat /proc/1/comm; cat /proc/self/limits >/dev/null && echo own"
for f in hostname domainname ostype cap_last_cap ngroups_max; do echo $f $(cat /proc/sys/kernel/$f); done
cat /proc/sys/kernel/random/uuid | sed 's/[0-9a-f]/x/g'
echo "== system"
sed 's/[0-9.]\+/N/g' /proc/loadavg /proc/uptime; grep -c '^cpu[0-9]' /proc/stat; grep -c '^processor' /proc/cpuinfo
cut -d: -f1 /proc/meminfo | head -5; cat /proc/swaps /proc/partitions | head -2
grep -w -e proc -e sysfs -e tmpfs /proc/filesystems | sort; grep -o '^[^ ]* /proc proc rw,' /proc/self/mounts
cat /sys/devices/system/cpu/{online,possible,present}; nproc; cat /sys/class/net/lo/mtu
touch /sys/new; echo 1 >/sys/devices/system/cpu/online; ls /proc/sysvipc; wc -l </proc/sysvipc/shm
