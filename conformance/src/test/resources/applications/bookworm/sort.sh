seq 1 30000 | sort -R --random-source=/usr/bin/bash | sort -n | md5sum
seq 1 30000 | shuf --random-source=/usr/bin/bash | sort -n --parallel=2 -S 1M | tail -n 2
printf 'b 2\na 10\nc 1\n' | sort -k2,2n
printf 'B\na\nA\nb\n' | sort -f
sort -u <(yes x | head -n 1000)
sort -m <(seq 1 2 9) <(seq 2 2 10)
