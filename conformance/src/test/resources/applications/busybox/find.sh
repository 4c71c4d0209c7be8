mkdir -p /tmp/t/a/b/c /tmp/t/d
for i in 1 2 3; do echo $i > /tmp/t/a/f$i; done
ln -s ../a/f1 /tmp/t/d/link
ln /tmp/t/a/f2 /tmp/t/d/hard
cd /tmp/t
find . | sort
find . -type f -name 'f*' -exec cat {} + | sort
find . -type l
find . -links 2 -type f | sort
find /bin -type l | wc -l
find . -depth -name c -exec rmdir {} \;
find . -type d | sort
