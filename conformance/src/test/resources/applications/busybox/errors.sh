/nonexistent; echo "status $?"
/etc; echo "status $?"
echo text > /tmp/text; chmod +x /tmp/text
echo '#!/bin/nonexistent' > /tmp/script; chmod +x /tmp/script; /tmp/script; echo "status $?"
echo '#!/bin/sh
echo "script $0 $1"' > /tmp/good; chmod +x /tmp/good; /tmp/good arg; echo "status $?"
cat /etc/passwd > /tmp; echo "status $?"
cd /nonexistent; echo "status $?"
mkdir /tmp/a/b/c; echo "status $?"
cat < /tmp/missing; echo "status $?"
: > /tmp/nox; /tmp/nox; echo "status $?"
head -c 100 /bin/busybox > /tmp/short; chmod +x /tmp/short; /tmp/short 2>/dev/null; echo "status $?"
