mkdir -p /m/a /m/b /m/r
mount -t tmpfs -o size=64k,mode=711 t /m/a; echo $?; touch /m/a/f; mountpoint /m/a; mountpoint /m/b
grep /m/a /proc/mounts | cut -d' ' -f1-3; stat -c %a /m/a; df -k /m/a | tail -1 | tr -s ' ' | cut -d' ' -f1,2
dd if=/dev/zero of=/m/a/big bs=1k count=100 2>/dev/null; echo $?; wc -c < /m/a/big; rm /m/a/big
mount -o bind /m/a /m/b; ls /m/b; mount -o remount,ro,bind /m/b; touch /m/b/x; touch /m/a/x; ls /m/b
umount /m/b; umount /m/b; echo $?; umount /m/a; ls /m/a
mkdir -p /m/r/bin /m/r/old /m/r/proc; mount -o bind /m/r /m/r; cp /bin/busybox /m/r/bin/; for i in sh ls umount mount cat; do ln -s busybox /m/r/bin/$i; done
[ -d /lib ] && cp -r /lib /lib64 /m/r/ 2>/dev/null
chroot /m/r /bin/sh -c 'ls /; cd /..; pwd'
unshare -m sh -c 'cd /m/r; pivot_root . old; exec chroot . /bin/sh -c "umount -l /old; mount -t proc proc /proc; cut -d\  -f2 /proc/mounts 2>/dev/null || cat /proc/mounts | while read s t r; do echo \$t; done"'
unshare -p -f sh -c 'echo $$; sh -c "echo \$PPID"'
unshare -u sh -c 'hostname inner; hostname'; hostname
unshare -Ur sh -c 'id -u; cat /proc/self/uid_map; mount -t tmpfs t /m/a; echo $?'
nsenter -t 1 -u hostname
