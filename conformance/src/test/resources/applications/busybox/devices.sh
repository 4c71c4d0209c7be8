echo gone > /dev/null
head -c 5 /dev/zero | od -An -tx1
head -c 16 /dev/urandom | wc -c
echo x > /dev/full; echo "status $?"
ls -l /dev/null /dev/zero /dev/full | awk '{ print $1, $3, $4, $5, $6, $NF }'
echo through fd | cat /dev/fd/0; (echo again > /dev/fd/1) | cat
(echo to stderr > /dev/stderr) 2>&1 | cat
test -t 0; echo "terminal $?"
