cd /tmp
echo data > f
cp f g
mv g h
ln h i
ln -s h j
stat -c '%n %F %a %h %s %u %g' f h i j
chmod 640 f; stat -c %a f
chown 12:34 f; stat -c '%u %g' f
umask 077; touch private; stat -c %a private
mkdir -m 1777 sticky; stat -c '%a %F' sticky
rm h; cat i; cat j
readlink j
touch -d '2001-02-03 04:05:06' old; ls -l --full-time old
truncate -s 100000 big; stat -c '%s %b' big
dd if=/dev/zero of=block bs=4096 count=3 2>/dev/null; stat -c '%s %b' block
rmdir sticky; rmdir sticky; echo "status $?"
mkfifo p; (echo through fifo > p) & cat p
test -w /bin/busybox; echo "writable $?"
echo x >> /bin/new-file; cat /bin/new-file
rm /bin/ls; ls / ; echo "status $?"
cat /nonexistent; echo "status $?"
