seq 1 2000 > /tmp/n
wc /tmp/n; head -n 2 /tmp/n; tail -n 2 /tmp/n; tail -c 5 /tmp/n
cut -c1 /tmp/n | sort | uniq -c
paste <(seq 3) <(seq 4 6)
join <(printf '1 a\n2 b\n') <(printf '1 x\n2 y\n')
comm -12 <(seq 1 5) <(seq 3 8)
tr a-z A-Z < /etc/hostname
split -l 700 /tmp/n /tmp/part; wc -l /tmp/part*
tac /tmp/n | head -n 1; nl <(echo x); fold -w 3 <<< abcdefgh
od -c <<< hi; base64 <<< hello; cksum /tmp/n; sha1sum /tmp/n; md5sum /usr/bin/bash
grep -c 1 /tmp/n; sed -n '$=' /tmp/n
dd if=/tmp/n bs=100 skip=1 count=1 2>/dev/null | md5sum
tee /tmp/copy < /tmp/n | md5sum; cmp /tmp/n /tmp/copy && echo equal
perl -e 'print join(",", map { $_ * 2 } 1..5), "\n"'
