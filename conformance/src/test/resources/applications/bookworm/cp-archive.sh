cd /tmp
mkdir -p src/dir
echo one > src/one; ln src/one src/hard; ln -s one src/soft; mkfifo src/fifo
touch -d '2020-01-02 03:04:05.678901234' src/one
chmod 4755 src/one; chown 1:2 src/dir
cp -a src dst
stat -c '%n %F %a %h %u %g' dst/*; stat -c '%s' dst/one dst/soft; stat -c '%y' dst/one dst/hard
[ dst/one -ef dst/hard ] && echo hard link kept
readlink dst/soft
cp -a /etc/. etc-copy && diff -r --no-dereference /etc etc-copy && echo identical
cp -a /usr/bin/bash b1; cmp /usr/bin/bash b1 && echo same
