# mountinfo without numbers: groups are named in the order they appear
show() {
    awk -v only="${1:-/m}" 'function g(s,  a) { split(s, a, ":"); if (!(a[2] in n)) n[a[2]] = ++k; return a[1] ":" n[a[2]] }
        $5 ~ "^" only { o = ""; for (i = 7; $i != "-"; i++) o = o " " ($i ~ /:/ ? g($i) : $i); sub(/,uuid=on|,inode64/, "", $(i + 3)); print $4, $5, $6 o, "-", $(i + 1), $(i + 2), $(i + 3) }' /proc/self/mountinfo
}
e() { "$@" 2>&1; echo "status $?"; }
mkdir -p /m/a /m/b /m/c /m/d /m/old
e mount -t tmpfs -o size=1m,mode=700,nr_inodes=100 one /m/a; mkdir /m/a/x /m/a/y; echo file > /m/a/f; show
df --output=size,itotal /m/a | tail -1; stat -c %a /m/a; mountpoint /m/a /m/b; mountpoint -q /m/a/x; echo $?
e mount --bind /m/a/x /m/b; echo hi > /m/b/in; cat /m/a/x/in; show
e mount -o remount,bind,ro,nosuid,nodev,noexec /m/b; touch /m/b/no; show /m/b
e mount -o remount,size=2m /m/a; df --output=size /m/a | tail -1
e mount -o remount,ro /m/a; touch /m/a/no; rm /m/b/in; show; e mount -o remount,rw,noatime /m/a; show
cp /bin/true /m/a/x/; /m/b/true; echo $?; mount -o remount,bind,rw,exec /m/b; /m/b/true; echo $?
e umount /m/b; e umount /m/b; e umount /m/a/x; (cd /m/a; e umount /m/a); exec 5</m/a/f; e umount /m/a; exec 5<&-
e mount -t tmpfs two /m/a; ls /m/a; show; e umount /m/a; ls /m/a
# move
e mount -t tmpfs deep /m/a/x; touch /m/a/x/deep; e mount --move /m/a /m/c; ls /m/a /m/c /m/c/x; show; e mount --move /m/c /m/c/x; e mount --move /m/c/x /m/c/f
e mount --rbind /m/c /m/d; show; e umount -l /m/d; show; e umount -R /m/c; show
# propagation
e mount --make-shared -t tmpfs sh /m/a; mkdir /m/a/1 /m/a/2; e mount --bind /m/a /m/b; e mount --bind /m/a /m/c; e mount --make-slave /m/c; show
e mount -t tmpfs t1 /m/a/1; show; e mount -t tmpfs t2 /m/c/2; show; e umount /m/b/1; show
e mount --make-shared /m/c; e mount --bind /m/c /m/d; e mount -t tmpfs t3 /m/b/1; show; e umount /m/a/1; show
e mount --make-private /m/d; e mount --make-unbindable /m/d; show; e mount --bind /m/d /m/old; e mount --make-rprivate /m/a; show
e mount --move /m/a/1 /m/old; umount -R /m/a /m/b /m/c /m/d 2>/dev/null; show
# a copy of the namespace
e mount --make-shared -t tmpfs sh /m/a; mkdir /m/a/1
unshare -m --propagation unchanged sh -c 'mount -t tmpfs inner /m/a/1'; show; umount /m/a/1
unshare -m --propagation slave sh -c 'mount -t tmpfs inner /m/a/1; grep -c inner /proc/self/mounts'; show
unshare -m sh -c 'mount -t tmpfs inner /m/a/1; umount /m/a/1; umount /m/a; grep -c /m/a /proc/self/mounts'; show
unshare -Urm --propagation unchanged bash -c 'e() { "$@" 2>&1; echo "status $?"; }; e umount /m/a; e mount --bind /m/a /m/b; e mount -t tmpfs x /m/c; touch /m/c/f; stat -c %u:%g /m/c/f; e mount -o remount,ro /m/a; e mount -t proc proc /m/d; e umount /m/d /m/c /m/b; e mount --rbind / /m/d; e mknod /m/b/null c 1 3'
e umount /m/a
e mount -t badfs none /m/a; e mount --bind /nowhere /m/a; e mount -t tmpfs none /nowhere; e mount -t tmpfs -o bad=1 none /m/a; e mount --bind /etc/passwd /m/a; e umount /m/a
touch /m/file; e mount --bind /etc/passwd /m/file; cmp /m/file /etc/passwd; rm /m/file; rmdir /m/a/.. ; e umount /m/file; rm /m/file
mount -t tmpfs -o nosymfollow ns /m/a; ln -s /etc/passwd /m/a/link; cat /m/a/link; mount -o remount,symfollow /m/a; wc -l < /m/a/link >/dev/null && echo followed; umount /m/a
mount -t tmpfs -o nodev,ro dv /m/a; touch /m/a/x; show; umount /m/a; mount -t tmpfs dv /m/a; mknod /m/a/null c 1 3; echo > /m/a/null && echo device; mount -o remount,nodev /m/a; echo > /m/a/null; umount /m/a
