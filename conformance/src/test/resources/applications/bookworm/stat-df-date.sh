stat -c '%A %F %s %U %G %h %o' /etc/passwd /usr/bin /bin /dev/null /tmp
stat -f -c '%T %l' /proc /dev/shm
df -P /proc | tail -n 1 | awk '{ print $1, $2, $3, $4, $5, $6 }'
df -P / | awk 'NR == 1 { print $1, $NF } NR == 2 { print ($2 > 0), ($4 > 0), $6 }'
date -u -d @0 +%FT%T
date -d '2024-02-29 12:00 UTC +1 year' +%F
now=$(date +%s); [ "$now" -gt 1700000000 ] && echo plausible
a=$(date +%s%N); sleep 0.05; b=$(date +%s%N); [ $((b - a)) -ge 50000000 ] && echo slept
[ $((b - a)) -lt 5000000000 ] && echo not for long
touch /tmp/f; [ $(( $(stat -c %Y /tmp/f) - now )) -lt 5 ] && echo fresh
